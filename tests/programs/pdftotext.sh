# shellcheck shell=bash disable=SC2154
needs /usr/bin/pdftotext /usr/bin/perl || return 0
"$here/make-pdf" Fruit 'Pears and plums' 'Apples, too' >"$F/in.pdf"
"$here/make-pdf" Secret "$TOKEN" >"$F/secret.pdf"
"$here/make-pdf" -j Japan 93FA967B >"$F/japan.pdf"
works "writes the text" : pdftotext r:in.pdf w:out.txt
works "prints it as it is laid out" : pdftotext -layout r:in.pdf -
works "tells where words are" : pdftotext -bbox -f 1 -l 1 r:in.pdf w:out.html
[ -d /usr/share/poppler ] && # in Debian's poppler-data
	works "knows Japanese by its old character set" : pdftotext r:japan.pdf -
INPUT=$F/in.pdf works "reads its input" : pdftotext - -
bad "read a secret beside the input" secret : pdftotext secret.pdf -
bad "read a secret by way of a folder that is granted" secret --read tree : pdftotext tree/../secret.pdf -
bad "write outside" outside : pdftotext r:in.pdf outside/new
bad "write over what is outside" outside : pdftotext -htmlmeta r:in.pdf outside/file
SECRET=$F/secret.pdf bad "see an inherited descriptor" secret : pdftotext /dev/fd/9 -
