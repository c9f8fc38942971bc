# shellcheck shell=bash disable=SC2034
needs /usr/bin/identify /usr/bin/convert || return 0
convert -size 40x30 gradient:red-blue -depth 8 -strip -set comment "a picture" "$F/in.png"
convert "$F/in.png" -strip "$F/in.jpg"
convert -delay 10 -size 8x8 xc:red xc:green -loop 0 "$F/in.gif"
convert "$F/in.png" -set comment "$TOKEN" "$F/secret.png"
mkdir -p "$T/home/.config/ImageMagick"
echo '<delegatemap><delegate decode="run" command="echo RAN-$((1+1)) &gt;&amp;2"/><delegate decode="put" command="cp in.png outside/new"/></delegatemap>' >"$T/home/.config/ImageMagick/delegates.xml"
echo x | tee "$F/in.run" >"$F/in.put"
NORMAL='sed -E s/[0-9.]+u.[0-9]+:[0-9.]+//' # the time it took
works "tells kind and size" : identify r:in.png r:in.jpg
works "tells what is asked" : identify -format '%m %w %h %[mean] %c\n' r:in.gif
NORMAL='grep -v -e time: -e Pixels -e date:' works "tells everything" : identify -verbose r:in.jpg
INPUT=$F/in.gif works "looks into its input" : identify gif:-
if convert -list format | grep -qw MSVG; then # in Debian's libmagickcore-6.q16-6-extra
	echo '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><rect width="20" height="9" fill="red"/></svg>' >"$F/in.svg"
	works "looks into a drawing" : identify -format '%w %[mean]\n' r:in.svg
fi
works "lists its own words" : identify -list locale
bad "read a secret beside the input" secret : identify -format '%c\n' r:in.png secret.png
bad "run a program that settings name for a kind of file" exec --env HOME --read "$T/home/.config" : identify r:in.run
bad "write outside by such a program, when that is granted" outside --use shell --env HOME --read "$T/home/.config" --read in.png : identify r:in.put
SECRET=$F/secret.png bad "see an inherited descriptor" secret : identify -format '%c\n' png:fd:9
rm -rf "$T/home/.config/ImageMagick"
