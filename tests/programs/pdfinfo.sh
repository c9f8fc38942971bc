# shellcheck shell=bash disable=SC2154
needs /usr/bin/pdfinfo /usr/bin/perl || return 0
"$here/make-pdf" Fruit 'Pears and plums' >"$F/in.pdf"
"$here/make-pdf" "$TOKEN" Secret >"$F/secret.pdf"
works "tells title, pages and sizes" : pdfinfo r:in.pdf
works "tells a page's boxes, and times as they are written" : pdfinfo -f 1 -l 2 -box -rawdates r:in.pdf
INPUT=$F/in.pdf works "reads its input" : pdfinfo -
bad "read a secret beside the input" secret : pdfinfo secret.pdf
bad "read a secret by way of a folder that is granted" secret --read tree : pdfinfo tree/../secret.pdf
SECRET=$F/secret.pdf bad "see an inherited descriptor" secret : pdfinfo /dev/fd/9
