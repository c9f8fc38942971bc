# shellcheck shell=bash disable=SC2034,SC2154
# Every fragment of the library, proved with a program that takes nothing of it; then those that no policy of a program uses.
for fragment in "${ENDOW%/*}"/share/fragments/*; do
	fragment=${fragment##*/} proved=" "
	works "under $fragment" --no-policy --use "libc,$fragment" : true
done
works "under users" --no-policy --use users : id -un
works "under timezone" --no-policy --use timezone : date -d 'TZ="Asia/Tokyo" 2001-02-03' +%F
works "under shell" --no-policy --use libc,shell,users : sh -c 'echo a b | tr a-z A-Z | sed s/A/C/; id -u'
works "under mime" --no-policy --use mime : test -r /usr/share/mime -o ! -e /usr/share/mime
works "under python and shm" --no-policy --use python,shm --promise proc : python3 -c 'from multiprocessing import shared_memory as s
m = s.SharedMemory(create=True, size=9); n = s.SharedMemory(m.name); m.buf[0] = 5; print(n.buf[0]); n.close(); m.unlink()'
# The names are unlike any other's; they go again at the end.
cp "$SECRET" "/tmp/${T##*/}" && cp "$SECRET" "/dev/shm/${T##*/}"
bad "see another's shared memory under shm" secret --no-policy --use shm : cat "/dev/shm/${T##*/}"
bad "see another's temporary file under tmp" secret --no-policy --use tmp : cat "/tmp/${T##*/}"
rm -f "/tmp/${T##*/}" "/dev/shm/${T##*/}"
bad "write outside under tmp" outside --no-policy --use tmp : cp run outside/new
bad "reach nscd's socket, or any, under users" unix --no-policy --use python,users : python3 -c "import socket; socket.socket(socket.AF_UNIX).connect('$SOCKET')"
bad "read private keys under tls" secret --no-policy --use tls : cat secret.txt

# Policies that nothing here proves. (default is proved by these very fragments, cc with gcc.)
for policy in "${ENDOW%/*}"/share/*.policy; do
	policy=${policy##*/}
	case ${policy%.policy} in
	default | cc) continue ;;
	esac
	[ -e "$here/${policy%.policy}.sh" ] || skip "$policy" "no test by its name"
done
