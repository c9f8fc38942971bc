# shellcheck shell=bash disable=SC2154
needs /usr/bin/pdftoppm /usr/bin/perl || return 0
"$here/make-pdf" Fruit 'Pears and plums' >"$F/in.pdf"
"$here/make-pdf" Secret "$TOKEN" >"$F/secret.pdf"
works "makes a picture of each page" --create new : pdftoppm -r 50 -png r:in.pdf new/page
works "makes JPEG of one" --create new : pdftoppm -r 50 -jpeg -f 2 -singlefile r:in.pdf new/page
works "prints a picture" : pdftoppm -r 30 -gray -f 1 -l 1 r:in.pdf
INPUT=$F/in.pdf works "reads its input" : pdftoppm -r 30 -mono -singlefile -
bad "write outside" outside --create new : pdftoppm -r 30 r:in.pdf outside/page
bad "write outside by way of its folder" outside --create new : pdftoppm -r 30 -singlefile r:in.pdf new/../outside/page
# Its pictures hold no words, so that it read the secret shows in a file that it made.
bad "show a secret beside the input" outside --create outside : pdftoppm -r 30 secret.pdf outside/page
SECRET=$F/secret.pdf bad "see an inherited descriptor" outside --create outside : pdftoppm -r 30 /dev/fd/9 outside/page
