# shellcheck shell=bash
needs /usr/bin/ffprobe /usr/bin/ffmpeg || return 0
probe=(ffprobe -v error)
ffmpeg -nostdin -v error -f lavfi -i testsrc=duration=0.4:size=64x48:rate=10 -f lavfi -i sine=duration=0.4 -c:v mpeg4 -c:a flac -metadata title=a "$F/in.mkv"
ffmpeg -nostdin -v error -i "$F/in.mkv" -c copy -metadata title="$TOKEN" -metadata:s title="$TOKEN" "$F/secret.mkv"
printf "ffconcat version 1.0\nfile 'secret.mkv'\n" >"$F/list.txt"
printf '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:%s/x.ts\n#EXT-X-ENDLIST\n' "$OTHER_PORT" >"$F/list.m3u8"
works "tells format and streams" : "${probe[@]}" -show_format -show_streams r:in.mkv
works "tells it to programs" : "${probe[@]}" -of json -show_entries stream=codec_name,width -count_frames r:in.mkv
works "tells frames and packets" : "${probe[@]}" -of compact -show_frames -show_packets r:in.mkv
INPUT=$F/in.mkv works "looks into its input" : "${probe[@]}" -show_streams -
bad "read a secret beside the input" secret : "${probe[@]}" -show_format secret.mkv
bad "read a secret that a list names" secret : "${probe[@]}" -f concat -show_streams r:list.txt
bad "write outside" outside : "${probe[@]}" -show_format -o outside/new r:in.mkv
bad "connect where a list sends it" connect : "${probe[@]}" -protocol_whitelist file,http,tcp r:list.m3u8
bad "connect" connect : "${probe[@]}" "tcp://127.0.0.1:$OTHER_PORT"
bad "reach a Unix socket" unix : "${probe[@]}" "unix:$SOCKET"
SECRET=$F/secret.mkv bad "see an inherited descriptor" secret : "${probe[@]}" -show_format pipe:9
