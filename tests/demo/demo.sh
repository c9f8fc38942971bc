#!/bin/bash
# demo.sh: a real tool does its work on the files it is handed, and is refused a secret and the network.
#
# Every command is shown before its output, and every outcome is checked: each refusal is first shown to be endow's, by the
# same command succeeding without it. Ends with status 1 if anything is not as it has to be.
# ENDOW names the launcher (default build/endow).
set -u
root=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
endow=$(realpath "${ENDOW:-$root/build/endow}") || exit 1
[ -x "$endow" ] || { echo "no launcher at $endow: run make first"; exit 1; }
[ -x /usr/bin/python3 ] || { echo "the demo needs /usr/bin/python3"; exit 1; }

place=$(mktemp -d) || exit 1
server=
clean_up() {
    [ -z "$server" ] || kill "$server" 2>/dev/null
    rm -rf "$place"
}
trap clean_up EXIT
trap 'exit 1' INT TERM
mkdir "$place/bin" "$place/home" "$place/work" && ln -s "$endow" "$place/bin/endow" || exit 1
export PATH="$place/bin:/usr/bin:/bin" HOME="$place/home" LC_ALL=C
unset XDG_CONFIG_HOME XDG_CACHE_HOME PYTHONPATH PYTHONSTARTUP
cd "$place/work" || exit 1

bold=$(tput bold 2>/dev/null) plain=$(tput sgr0 2>/dev/null)
[ -t 1 ] || bold='' plain=''
wrong=0 output=

say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

# Show a command, run it, show what it prints; its status is this function's.
show() {
    printf '$ %s\n' "$1"
    output=$(eval "$1" 2>&1)
    local status=$?
    [ -z "$output" ] || printf '%s\n' "$output"
    return $status
}

bad() {
    printf '%sNOT AS IT HAS TO BE:%s %s\n' "$bold" "$plain" "$*"
    wrong=$((wrong + 1))
}

must_work() {
    show "$1" || bad "this had to succeed"
    [[ $output == *"$2"* ]] || bad "the output had to hold: $2"
}

must_be_refused() {
    show "$1" && bad "this had to be refused"
    [[ $output == *"PermissionError"* ]] || bad "the refusal had to be a PermissionError"
    [[ $output != *"$2"* ]] || bad "it got hold of: $2"
}

cat >sales.csv <<'EOF'
region,amount
north,120
south,80
north,45
EOF
cat >report.py <<'EOF'
import csv, sys
total = {}
with open(sys.argv[1]) as sales:
    for row in csv.DictReader(sales):
        total[row["region"]] = total.get(row["region"], 0) + int(row["amount"])
with open(sys.argv[2], "w") as report:
    for region in sorted(total):
        print(region, total[region], file=report)
EOF
cat >steal.py <<'EOF'
import sys
print(open(sys.argv[1]).read())
EOF
cat >send.py <<'EOF'
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5) as s:
    s.sendall(b"what the program knew")
    print("sent:", s.recv(64).decode())
EOF
cat >listen.py <<'EOF'
import socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
while True:
    c, _ = s.accept()
    with c:
        c.sendall(b"taken, thank you") if c.recv(64) else None
EOF
echo 'the key to everything' >secret.txt
chmod 600 secret.txt
/usr/bin/python3 listen.py >port.txt 2>/dev/null &
server=$!
for _ in $(seq 100); do
    [ -s port.txt ] && break
    sleep 0.05
done
port=$(cat port.txt)
[ -n "$port" ] || { echo "no listener on the loopback interface: the demo needs one"; exit 1; }

say "1. A tool does its work on what it is handed: two files to read, one to write."
must_work "cat sales.csv" "north,120"
must_work "endow python3 r:report.py r:sales.csv w:report.txt" ""
must_work "cat report.txt" "north 165"

say "2. A file that nobody handed it. Without endow it is read; with endow the kernel refuses."
must_work "python3 steal.py secret.txt" "the key to everything"
must_be_refused "endow python3 r:steal.py secret.txt" "the key to everything"

say "3. The network. Something listens on port $port of this machine."
must_work "python3 send.py $port" "sent: taken, thank you"
must_be_refused "endow python3 r:send.py $port" "sent:"

say "4. Granted, it works: authority is what is handed over, and nothing is guessed."
must_work "endow python3 r:steal.py r:secret.txt" "the key to everything"
must_work "endow --connect tcp:$port python3 r:send.py $port" "sent: taken, thank you"

say "5. What a launch would grant, before it is made. The first lines:"
must_work "endow --dry-run python3 r:report.py r:sales.csv w:report.txt | head -n 10" "sales.csv"

if [ $wrong = 0 ]; then
    say "All as it has to be: what was granted worked, what was not was refused."
else
    say "$wrong outcomes are not as they have to be."
    exit 1
fi
