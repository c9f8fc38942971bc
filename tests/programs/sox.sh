# shellcheck shell=bash
needs /usr/bin/sox || return 0
sox -R -n -r 8000 -b 16 "$F/in.wav" synth 0.3 sine 300
sox -R -n -r 8000 -b 16 "$F/two.wav" synth 0.3 square 200 vol 0.3
# The secret as samples of eight bits.
sox -t u8 -r 8000 -c 1 "$F/secret.txt" "$F/secret.wav"
printf '%s\n' secret.wav >"$F/list.m3u"
cp "$F/in.wav" "$F/plain"
works "converts" : sox -R r:in.wav rw:out.flac rate 16000
works "makes Ogg and MP3" --create new : sox -R r:in.wav new/out.ogg
works "mixes" : sox -R -m r:in.wav r:two.wav rw:out.wav reverb 20
works "tells what is in a file" : sox --i r:in.wav
works "measures" : sox -R r:in.wav -n stat
works "knows a file by its content" : sox -R --magic r:plain -t raw -
works "goes through the sound twice" --use tmp : sox -R r:in.wav rw:out.wav reverse norm
works "draws a spectrum" : sox -R r:in.wav -n spectrogram -x 100 -o w:out.png
INPUT=$F/in.wav works "is a filter" : sox -R -t wav - -t raw - tempo 2
bad "read a secret beside the input" secret : sox -t u8 -r 8000 -c 1 secret.txt -t u8 -
bad "read a secret that a list names" secret : sox -R r:list.m3u -t u8 -
bad "read a secret as the settings of an effect" secret : sox r:in.wav -n --effects-file secret.txt
bad "write outside" outside : sox r:in.wav outside/new.wav
bad "draw outside" outside : sox r:in.wav -n spectrogram -o outside/new
bad "run a program in a file's place" exec : sox -t raw -r 8000 -b 8 -e unsigned -c 1 "|echo RAN-\$((1+1))" -t raw -
bad "signal another process" signal : sox -t raw -r 8000 -b 8 -e unsigned -c 1 "|kill -9 VICTIM" -t raw -
bad "connect" connect : sox "http://127.0.0.1:$OTHER_PORT/x.wav" -n
bad "see an inherited descriptor" secret : sox -t u8 -r 8000 -c 1 /dev/fd/9 -t u8 -
bad "read a secret in the environment" secret : sox -t u8 -r 8000 -c 1 /proc/self/environ -t u8 -
