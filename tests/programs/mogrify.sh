# shellcheck shell=bash
needs /usr/bin/mogrify /usr/bin/convert || return 0
size=${#TOKEN}x1 # the secret is the grey of so many pixels
convert -size 40x30 gradient:red-blue -depth 8 -strip "$F/tree/in.png"
convert "$F/tree/in.png" -strip "$F/tree/in.jpg"
cp "$F/tree/in.png" "$F/outside/in.png"
convert -size "$size" -depth 8 gray:"$F/secret.txt" "$F/secret.png"
convert -size "$size" xc:white -depth 8 gray:"$F/tree/in.gray"
works "changes pictures in their place" --create tree : mogrify -resize 50% -strip tree/in.png tree/in.jpg
works "puts what it makes into another folder" : mogrify -path c:new -flip -strip r:tree/in.jpg
works "makes others beside them" --create tree : mogrify -format gif -colors 8 tree/in.png
if convert -list format | grep -qw MSVG; then # in Debian's libmagickcore-6.q16-6-extra
	echo '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><rect width="20" height="9" fill="red"/></svg>' >"$F/tree/in.svg"
	works "draws" --create tree : mogrify -format ppm tree/in.svg
fi
bad "read a secret beside the input" secret --create tree : mogrify -size "$size" -depth 8 -draw 'image Over 0,0 0,0 "secret.png"' gray:tree/in.gray
bad "change a picture outside" outside --create tree : mogrify -flip outside/in.png
bad "write outside" outside --create tree : mogrify -path outside -flip tree/in.png
bad "connect" connect --create tree : mogrify -display "127.0.0.1:$((OTHER_PORT - 6000))" -format png -path tree X:root
bad "see an inherited descriptor" secret --create tree : mogrify -path tree -size "$size" -depth 8 -format gray gray:fd:9
