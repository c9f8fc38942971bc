#!/bin/bash
# completions.sh: the shells' completions offer what the launcher knows: every option of --help and no other, every promise,
# feature, limit and policy. bash is asked in this very shell; zsh and fish where they are installed.
# ENDOW names the launcher (default build/endow). The last line is "N passed, N failed, N skipped".
set -u
here=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
endow=$(realpath "${ENDOW:-$here/build/endow}") || exit 1
[ -x "$endow" ] || { echo "no launcher at $endow: make it first, or set ENDOW"; exit 1; }
completions=$here/contrib/completions
passed=0 failed=0 skipped=0

scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/bin" "$scratch/home/.config/endow/fragments" "$scratch/work/subdir" && cd "$scratch/work" || exit 1
ln -s "$endow" "$scratch/bin/endow"
touch "$scratch/home/.config/endow/mine.policy" "$scratch/home/.config/endow/fragments/ours"
touch photo.png photo.policy "with blank.txt"
export HOME=$scratch/home PATH=$scratch/bin:/usr/bin:/bin LC_ALL=C
unset XDG_CONFIG_HOME XDG_CACHE_HOME

good() { passed=$((passed + 1)); }
bad() {
    failed=$((failed + 1))
    printf 'FAIL %s\n' "$*"
}

# check WHAT EXPECTED GOT: the same words in any order
check() {
    local want got
    want=$(tr ' ' '\n' <<<"$2" | sed '/^$/d' | sort -u)
    got=$(sed '/^$/d' <<<"$3" | sort -u)
    if [ "$want" = "$got" ]; then good; else bad "$1: expected [${want//$'\n'/ }], got [${got//$'\n'/ }]"; fi
}

# has WHAT WORD GOT, lacks WHAT WORD GOT: one word among the candidates
has() { if grep -qxF -e "$2" <<<"$3"; then good; else bad "$1: no $2 in [${3//$'\n'/ }]"; fi; }
lacks() { if grep -qxF -e "$2" <<<"$3"; then bad "$1: $2 in [${3//$'\n'/ }]"; else good; fi; }

# What the launcher itself says that it knows.
options=$("$endow" --help | grep -oE '(^|[ ,])-(-[a-z][a-z-]*|[a-zA-Z])\b' | tr -d ' ,' | grep -vx -e --abi | sort -u)
# supervise has no room in --help
"$endow" --supervise --help >/dev/null && options+=$'\n--supervise'
options=$(tr '\n' ' ' <<<"$options")
promises='proc tty fattr fattr-anywhere id debug sched sysvipc netlink watch aio'
isolate='files processes ipc net'
features='landlock truncate tcp ioctl signal-scope socket-scope view audit'

# The words are the language's: each is taken by the compiler, and the manual has no other.
for word in $promises; do
    if "$endow" -n --no-policy --promise "$word" /bin/true 2>&1 | grep -q 'does not know'; then bad "promise $word"; else good; fi
done
for word in $isolate; do
    if "$endow" -n --no-policy --isolate "$word" /bin/true 2>&1 | grep -q 'does not know'; then bad "isolate $word"; else good; fi
done
for word in $features; do
    if "$endow" -n --no-policy --require "$word" /bin/true 2>&1 | grep -q 'does not know'; then bad "feature $word"; else good; fi
done
check 'promises of the manual' "$promises" \
    "$(sed -n '/^\.It Ic promise Ar name/,/^\.Ss The kernel/s/^\.It Cm //p' "$here/man/endow.policy.5")"

# bash ---------------------------------------------------------------------------------------------------------------------

# shellcheck source=/dev/null
. "$completions/endow.bash"

# As readline does: words end at blanks, and ':' and '=' are words of their own.
in_bash() { # line
    local word rest
    COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=() COMPREPLY=()
    # shellcheck disable=SC2086 # to be taken apart
    for word in $1; do
        while [[ $word =~ ^([^:=]*)([:=]+)(.*)$ ]]; do
            rest=${BASH_REMATCH[3]}
            [ -z "${BASH_REMATCH[1]}" ] || COMP_WORDS+=("${BASH_REMATCH[1]}")
            COMP_WORDS+=("${BASH_REMATCH[2]}")
            word=$rest
            [ -n "$rest" ] || break
        done
        [ -z "$word" ] || COMP_WORDS+=("$word")
    done
    case $1 in *' ') COMP_WORDS+=('') ;; esac
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _endow "${COMP_WORDS[0]}" "${COMP_WORDS[COMP_CWORD]}" '' 2>/dev/null
    printf '%s\n' "${COMPREPLY[@]}"
}

COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
check 'bash: options' "$options --" "$(in_bash 'endow -')"
check 'bash: --pro' '--promise --prove' "$(in_bash 'endow --pro')"
check 'bash: promises' "$promises" "$(in_bash 'endow --promise ')"
check 'bash: a list of promises' 'proc,fattr proc,fattr-anywhere' "$(in_bash 'endow --promise proc,f')"
check 'bash: --promise=' 'proc' "$(in_bash 'endow --promise=p')"
check 'bash: isolate' "$isolate" "$(in_bash 'endow --isolate ')"
check 'bash: a list of scratch folders' 'HOME,TMPDIR' "$(in_bash 'endow --scratch HOME,T')"
check 'bash: an excepted part' 'photo.png photo.policy' "$(in_bash 'endow --except ph')"
check 'bash: features' "$features" "$(in_bash 'endow --require ')"
check 'bash: landlock is not forgone' "${features#landlock }" "$(in_bash 'endow --forgo ')"
check 'bash: limits' 'memory=' "$(in_bash 'endow --limit m')"
check 'bash: protocols' 'udp: udp:any unix: unix:any' "$(in_bash 'endow --connect u')"
check 'bash: what may be asked for' 'read: read' "$(in_bash 'endow --ask-for r')"
check 'bash: a list of rights' 'read,write: read,write' "$(in_bash 'endow --ask-for read,w')"
check 'bash: its path' 'photo.png photo.policy' "$(in_bash 'endow --ask-for read:photo')"
has 'bash: nobody is asked' deny "$(in_bash 'endow --ask d')"
check 'bash: the journal' journald "$(in_bash 'endow --log journal')"
check 'bash: a socket' 'subdir' "$(in_bash 'endow --connect unix:sub')"
check 'bash: behind the colon' 'any' "$(in_bash 'endow --connect tcp:a')"
check 'bash: capabilities' 'net_bind_service net_broadcast' "$(in_bash 'endow --keep-cap net_b')"
has 'bash: a policy of the library' cat "$(in_bash 'endow -p c')"
has "bash: a policy of one's own" mine "$(in_bash 'endow -p m')"
has 'bash: a policy file' photo.policy "$(in_bash 'endow -p ph')"
lacks 'bash: no other file' photo.png "$(in_bash 'endow -p ph')"
check 'bash: fragments' 'locale' "$(in_bash 'endow --use loc')"
has "bash: a fragment of one's own" ours "$(in_bash 'endow --use o')"
has 'bash: commands' compile "$(in_bash 'endow comp')"
lacks 'bash: no command behind an option' compile "$(in_bash 'endow -n comp')"
has 'bash: compile takes policies' cat "$(in_bash 'endow compile c')"
check 'bash: doctor' '--abi --json' "$(in_bash 'endow doctor -')"
has 'bash: doctor takes policies' cat "$(in_bash 'endow doctor c')"
check "bash: doctor's ABI" '3' "$(in_bash 'endow doctor --abi 3')"
check 'bash: findings' 'connect-any connect-udp connect-unix' "$(in_bash 'endow check --allow conn')"
check 'bash: a list of findings' 'debug,connect-any debug,connect-udp debug,connect-unix' "$(in_bash 'endow check --allow debug,conn')"
check 'bash: check' '--strict' "$(in_bash 'endow check --st')"
has 'bash: check takes policies' cat "$(in_bash 'endow check c')"
check 'bash: fmt' '--check --write --help' "$(in_bash 'endow fmt --')"
has 'bash: fmt takes files' photo.policy "$(in_bash 'endow fmt ph')"
check 'bash: explain' '--program --with --json --help' "$(in_bash 'endow explain -')"
check 'bash: matrix' '--csv --html --help' "$(in_bash 'endow matrix -')"
check 'bash: commands of the broker' 'list' "$(in_bash 'endow lis' | grep -x list)"
check 'bash: list' '--json --help' "$(in_bash 'endow list -')"
check 'bash: what is granted' 'read revoke' "$(printf '%s\n' "$(in_bash 'endow grant 1 re')" "$(in_bash 'endow revo' | grep -x revoke)")"
check 'bash: a path that is granted' 'photo.png photo.policy' "$(in_bash 'endow grant 1 read ph')"
check 'bash: its conditions' 'until' "$(in_bash 'endow grant 1 read photo.png as p u')"
check 'bash: its name is free' '' "$(in_bash 'endow grant 1 read photo.png as p')"
check 'bash: a log' 'photo.png photo.policy' "$(in_bash 'endow --log ph')"
has 'bash: diff takes policies' cat "$(in_bash 'endow diff cat c')"
has 'bash: can takes a policy' cat "$(in_bash 'endow can c')"
check 'bash: questions' 'call connect create' "$(in_bash 'endow can cat c')"
check 'bash: more questions' 'env exec' "$(in_bash 'endow can cat read in and e')"
check 'bash: what is asked about' 'photo.png photo.policy' "$(in_bash 'endow can --json cat read ph')"
check 'bash: sockets' 'udp unix' "$(in_bash 'endow can cat connect u')"
has 'bash: a program' cat "$(in_bash 'endow --no-policy ca')"
check 'bash: a designation' 'photo.png photo.policy' "$(in_bash 'endow cat r:ph')"
check 'bash: a tree' 'subdir' "$(in_bash 'endow cat c:')"
check 'bash: a file' 'photo.png photo.policy' "$(in_bash 'endow cat ph')"
check "bash: the program's options are its own" '' "$(in_bash 'endow cat --pro')"
check 'bash: no designation behind --' '' "$(in_bash 'endow -- cat r:ph')"
check 'bash: the value of an option is no program' '--promise --prove' "$(in_bash 'endow --promise proc --read in --pro')"

# fish ---------------------------------------------------------------------------------------------------------------------

in_fish() { # line
    fish --no-config -c "source '$completions/endow.fish'; complete -C '$1'" 2>&1 | cut -f 1
}

if command -v fish >/dev/null; then
    long=$(tr ' ' '\n' <<<"$options" | grep -e ^-- | tr '\n' ' ')
    check 'fish: options' "$long" "$(in_fish 'endow --')"
    check 'fish: promises' "$promises" "$(in_fish 'endow --promise ')"
    check 'fish: a list of promises' 'proc,fattr proc,fattr-anywhere' "$(in_fish 'endow --promise proc,f')"
    check 'fish: isolate' "$isolate" "$(in_fish 'endow --isolate ')"
    check 'fish: a list of scratch folders' 'HOME,TMPDIR' "$(in_fish 'endow --scratch HOME,T')"
    check 'fish: features' "$features" "$(in_fish 'endow --require ')"
    has 'fish: a policy of the library' cat "$(in_fish 'endow -p c')"
    has "fish: a policy of one's own" mine "$(in_fish 'endow -p m')"
    has 'fish: a fragment' locale "$(in_fish 'endow --use l')"
    check 'fish: doctor' '--abi --json' "$(in_fish 'endow doctor --')"
    has 'fish: doctor takes policies' cat "$(in_fish 'endow doctor c')"
    check 'fish: findings' 'connect-any connect-udp connect-unix' "$(in_fish 'endow check --allow conn')"
    check 'fish: lock' '--check' "$(in_fish 'endow lock --')"
    has 'fish: diff takes policies' cat "$(in_fish 'endow diff c')"
    check 'fish: list' '--json' "$(in_fish 'endow list --')"
    has 'fish: what is granted' create "$(in_fish 'endow grant 1 c')"
    has 'fish: questions' read "$(in_fish 'endow can cat r')"
    has 'fish: a designation' r:photo.png "$(in_fish 'endow cat r:ph')"
    has 'fish: a tree' c:subdir/ "$(in_fish 'endow cat c:s')"
    lacks 'fish: no designation behind --' r:photo.png "$(in_fish 'endow -- cat r:ph')"
else
    echo 'skipped: fish is not installed'
    skipped=$((skipped + 1))
fi

# zsh ----------------------------------------------------------------------------------------------------------------------

# A shell on a pseudo-terminal, whose completion lists every candidate instead of showing it.
in_zsh() { # line
    ZDOTDIR=$scratch LINE=$1 COMPLETIONS=$completions timeout 60 zsh -f "$scratch/ask.zsh" 2>/dev/null
}
cat >"$scratch/ask.zsh" <<'EOF'
zmodload zsh/zpty || exit 1
zpty asked zsh -f -i
zpty -w asked 'PS1="pro%{%}mpt"; unsetopt beep; fpath=($COMPLETIONS $fpath); autoload -Uz compinit; compinit -u -D'
zpty -w asked 'compadd() {
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return $?; fi
    typeset -a __hits
    builtin compadd -A __hits "$@"
    (( $#__hits )) && print -rl -- "hit:"${^__hits} >>$ZDOTDIR/hits
    builtin compadd "$@"
}; print rea""dy'
# Before the prompt the terminal is not the editor's yet: there ^U would take the line away.
zpty -r -m asked line '*ready*prompt*'
: >$ZDOTDIR/hits
zpty -w -n asked "$LINE"$'\t'
zpty -w -n asked $'\C-u'
zpty -w asked 'print do""ne'
zpty -r -t asked line; repeat 600; do zpty -r -t -m asked line '*done*' && break; sleep 0.05; done
zpty -d asked
sed -n 's/^hit://p' $ZDOTDIR/hits | sort -u
EOF

if command -v zsh >/dev/null && zsh -f -c 'zmodload zsh/zpty' 2>/dev/null; then
    check 'zsh: options' "$(tr ' ' '\n' <<<"$options" | grep -e ^-- | tr '\n' ' ')" "$(in_zsh 'endow --' | sed 's/=$//')"
    check 'zsh: --promise' "$promises" "$(in_zsh 'endow --promise ')"
    check 'zsh: isolate' "$isolate" "$(in_zsh 'endow --isolate ')"
    check 'zsh: features' "$features" "$(in_zsh 'endow --require ')"
    has 'zsh: a policy of the library' cat "$(in_zsh 'endow -p ')"
    has "zsh: a policy of one's own" mine "$(in_zsh 'endow -p ')"
    has 'zsh: a fragment' locale "$(in_zsh 'endow --use ')"
    has 'zsh: doctor takes policies' cat "$(in_zsh 'endow doctor ')"
    has 'zsh: findings' connect-any "$(in_zsh 'endow check --allow ')"
    has 'zsh: check takes policies' cat "$(in_zsh 'endow check ')"
    has 'zsh: what is granted' create "$(in_zsh 'endow grant 1 ')"
    has 'zsh: questions' read "$(in_zsh 'endow can cat ')"
    has 'zsh: explain takes policies' cat "$(in_zsh 'endow explain ')"
    has 'zsh: a designation' photo.png "$(in_zsh 'endow cat r:ph')"
    lacks 'zsh: no designation behind --' photo.png "$(in_zsh 'endow -- cat r:ph')"
else
    echo 'skipped: zsh is not installed'
    skipped=$((skipped + 1))
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
