# shellcheck shell=bash
needs /usr/bin/ffmpeg || return 0
ff=(ffmpeg -nostdin -v error -y)
exact=(-fflags +bitexact -flags +bitexact) # no random numbers, no name of the encoder
"${ff[@]}" -f lavfi -i testsrc=duration=0.4:size=64x48:rate=10 -f lavfi -i sine=duration=0.4 -c:v mpeg4 -c:a flac "${exact[@]}" "$F/in.mkv"
"${ff[@]}" -f lavfi -i sine=duration=0.2 "${exact[@]}" "$F/in.wav"
# The secret as samples of eight bits, and lists that name it.
"${ff[@]}" -f u8 -ar 8000 -ac 1 -i "$F/secret.txt" -f wav -c:a pcm_u8 "$F/secret.wav"
printf "ffconcat version 1.0\nfile 'secret.wav'\n" >"$F/list.txt"
printf '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:%s/x.ts\n#EXT-X-ENDLIST\n' "$OTHER_PORT" >"$F/list.m3u8"
printf '1\n00:00:00,000 --> 00:00:01,000\nhello\n' >"$F/in.srt"
works "makes MP4 with H.264" : "${ff[@]}" -i r:in.mkv -c:v libx264 -c:a aac -threads 2 "${exact[@]}" w:out.mp4
works "makes WebM" : "${ff[@]}" -i r:in.mkv -c:v libvpx -c:a libopus "${exact[@]}" w:out.webm
works "puts what is at the end first" : "${ff[@]}" -i r:in.mkv -c:v mpeg4 -c:a aac -movflags +faststart "${exact[@]}" rw:out.mov
works "takes the sound out" : "${ff[@]}" -i r:in.mkv -vn -c:a libmp3lame "${exact[@]}" w:out.mp3
works "makes a picture of each frame, and a smaller one" --create new : "${ff[@]}" -i r:in.mkv -vf scale=32:24 "${exact[@]}" new/%02d.png
works "writes on the picture" : "${ff[@]}" -i r:in.mkv -vf 'drawtext=text=endow:fontsize=12' -f framecrc -
works "adds subtitles" --read in.srt : "${ff[@]}" -i r:in.mkv -vf subtitles=in.srt -f framecrc -
works "puts two after each other" : "${ff[@]}" -i r:in.wav -i r:in.wav -filter_complex 'concat=n=2:v=0:a=1' -f framecrc -
INPUT=$F/in.wav works "is a filter" : "${ff[@]}" -i pipe:0 -filter:a atempo=2 -f wav "${exact[@]}" pipe:1
bad "read a secret beside the input" secret : "${ff[@]}" -f data -i concat:secret.txt -map 0 -c copy -f data -
bad "read a secret that a list names" secret : "${ff[@]}" -f concat -i r:list.txt -c copy -f u8 -
bad "read a secret by a filter" secret : "${ff[@]}" -f lavfi -i amovie=secret.wav -c pcm_u8 -f u8 -
bad "put a secret into its output" secret : "${ff[@]}" -i r:in.mkv -attach secret.txt -metadata:s:t mimetype=text/plain -c copy w:out.mkv
bad "write outside" outside : "${ff[@]}" -i r:in.wav outside/new.wav
bad "write outside beside its output" outside --write out.wav : "${ff[@]}" -i r:in.wav -c:a pcm_s16le -f tee -map 0 '[f=wav]out.wav|[f=wav]outside/new.wav'
bad "keep a log outside" outside : "${ff[@]}" -progress outside/new -i r:in.wav -f null -
bad "connect where a list sends it" connect : "${ff[@]}" -protocol_whitelist file,http,tcp -i r:list.m3u8 -f null -
bad "connect" connect : "${ff[@]}" -i "tcp://127.0.0.1:$OTHER_PORT" -f null -
bad "reach a Unix socket" unix : "${ff[@]}" -i "unix:$SOCKET" -f null -
bad "see an inherited descriptor" secret : "${ff[@]}" -f data -i pipe:9 -map 0 -c copy -f data -
bad "read a secret in the environment" secret : "${ff[@]}" -f data -i /proc/self/environ -map 0 -c copy -f data -
