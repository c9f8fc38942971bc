# shellcheck shell=bash
needs /usr/bin/convert || return 0
size=${#TOKEN}x1 # the secret is the grey of so many pixels
convert -size 40x30 gradient:red-blue -depth 8 -strip "$F/in.png"
convert "$F/in.png" -strip "$F/in.jpg"
convert -delay 10 -size 8x8 xc:red xc:green xc:blue -loop 0 "$F/in.gif"
convert -size "$size" -depth 8 gray:"$F/secret.txt" -define png:exclude-chunks=all "$F/secret.png"
echo '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><rect width="20" height="9" fill="red"/><circle cx="25" cy="20" r="6"/></svg>' >"$F/in.svg"
printf 'viewbox 0 0 %s 1 image Over 0,0 %s,1 "secret.png"\n' "${#TOKEN}" "${#TOKEN}" >"$F/steal.mvg"
printf '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="%s" height="1"><image xlink:href="secret.png" width="%s" height="1"/></svg>\n' \
	"${#TOKEN}" "${#TOKEN}" >"$F/steal.svg"
mkdir -p "$T/home/.config/ImageMagick"
echo '<delegatemap><delegate decode="run" command="echo RAN-$((1+1)) &gt;&amp;2"/></delegatemap>' >"$T/home/.config/ImageMagick/delegates.xml"
echo x >"$F/in.run"
works "makes a smaller one of another kind" : convert r:in.png -resize 50% rw:out.jpg
works "turns, blurs and reduces colours" : convert r:in.jpg -rotate 30 -blur 0x1 -colors 8 rw:out.gif
works "puts two together" : convert r:in.png r:in.jpg +append -strip rw:out.png
works "writes on it" : convert r:in.png -font DejaVu-Sans -pointsize 9 -annotate +2+12 endow -depth 8 txt:-
if convert -list format | grep -qw MSVG; then # in Debian's libmagickcore-6.q16-6-extra
	works "draws an SVG" : convert r:in.svg -depth 8 -strip rw:out.png
	bad "read a secret that an SVG names" secret : convert r:steal.svg -depth 8 gray:-
fi
works "takes an animation apart" --create new : convert r:in.gif +adjoin -strip new/%d.png
INPUT=$F/in.jpg works "is a filter" : convert jpg:- -flip ppm:-
works "makes TIFF and WebP" --create new : convert r:in.jpg -strip -write new/out.tiff new/out.webp
bad "read a secret beside the input" secret --write out : convert -size "$size" -depth 8 r:in.png gray:secret.txt -delete 0 gray:out
bad "read a secret that a drawing names" secret --read steal.mvg : convert mvg:steal.mvg -depth 8 gray:-
bad "write outside" outside : convert r:in.png png:outside/new
bad "connect" connect : convert -display "127.0.0.1:$((OTHER_PORT - 6000))" X:root null:
bad "run a program that settings name for a kind of file" exec --env HOME --read "$T/home/.config" : convert r:in.run null:
bad "see an inherited descriptor" secret : convert -size "$size" -depth 8 gray:fd:9 gray:-
bad "read a secret in the environment" secret : convert -size 1x1 -depth 8 gray:/proc/self/environ gray:-
rm -rf "$T/home/.config/ImageMagick"
