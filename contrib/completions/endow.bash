# bash completion for endow(1)
# shellcheck shell=bash

_endow_options='-p --policy --no-policy --use --with --read --write --append --create --exec --connect --listen --env --private
    --scratch --except --isolate --promise --limit --cwd --umask --user --group --keep-cap --forgo --require --service --supervise --ask-for --ask --keep-answers --why
    --log -n --dry-run --json --prove
    -h --help -V --version'
_endow_promises='proc tty fattr fattr-anywhere id debug sched sysvipc netlink watch aio'
_endow_features='landlock truncate tcp ioctl signal-scope socket-scope view audit'
_endow_isolate='files processes ipc net'
_endow_scratch='TMPDIR HOME XDG_CACHE_HOME XDG_RUNTIME_DIR'
_endow_statements='read write append create exec ioctl except grant ask fd args env scratch cwd umask limit promise connect listen require
    forgo service private isolate user group groups keep session signals supervise report use let'
_endow_caps='chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service
    net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot
    sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog
    wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore'

# The words before the cursor as they were typed: readline takes them apart at ':' and '='. words[] and at[] (where each
# begins in COMP_WORDS) are the caller's.
_endow_words() {
    local line=${COMP_LINE:0:COMP_POINT} i word

    words=() at=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if ((i > 0)) && [[ ${line:-${COMP_LINE:COMP_POINT-1:1}} != [[:blank:]]* ]]; then
            words[${#words[@]} - 1]+=$word
        else
            line=${line#"${line%%[![:blank:]]*}"}
            words+=("$word")
            at+=("$i")
        fi
        line=${line#"$word"}
    done
}

# Where policies lie: the user's, the system's, the library beside the launcher or where it was installed.
_endow_places() {
    local self

    printf '%s\n' "${XDG_CONFIG_HOME:-$HOME/.config}/endow" /etc/endow
    self=$(type -P -- "${1:-endow}") && self=$(readlink -f -- "$self") && self=${self%/*} || return
    if [[ -d $self/share ]]; then
        printf '%s\n' "$self/share"
    else
        printf '%s\n' "${self%/*}/share/endow"
    fi
}

_endow_names() { # suffix folder command
    local place file

    while IFS= read -r place; do
        for file in "$place$2"/*"$1"; do
            [[ -f $file ]] || continue
            file=${file##*/}
            printf '%s\n' "${file%"$1"}"
        done
    done < <(_endow_places "$3")
}

# Candidates for the text behind PREFIX, which stays.
_endow_offer() { # prefix candidates cur
    local IFS=$' \t\n'
    mapfile -t COMPREPLY < <(compgen -P "$1" -W "$2" -- "$3")
}

_endow_list() { # candidates cur: the last of a list with commas
    local before=
    [[ $2 == *,* ]] && before=${2%,*},
    _endow_offer "$before" "$1" "${2##*,}"
}

_endow_files() { # prefix cur [-d]
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen "${3:--f}" -- "$2")
    [[ -z $1 ]] || COMPREPLY=("${COMPREPLY[@]/#/$1}")
}

_endow_value() { # option cur command: complete the option's value; 1 when it takes none
    case $1 in
    -p | --policy)
        _endow_files '' "$2"
        local file files=()
        for file in "${COMPREPLY[@]}"; do
            [[ $file == *.policy || -d $file ]] && files+=("$file")
        done
        [[ $2 == */* ]] || mapfile -t COMPREPLY < <(compgen -W "$(_endow_names .policy '' "$3")" -- "$2")
        [[ $2 == */* ]] && COMPREPLY=()
        COMPREPLY+=("${files[@]}")
        ;;
    --use) _endow_list "$(_endow_names '' /fragments "$3")" "$2" ;;
    --with) _endow_offer '' "$_endow_statements" "$2" ;;
    --read | --write | --append | --exec | --except | --keep-answers) _endow_files '' "$2" ;;
    --log)
        _endow_files '' "$2"
        mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W journald -- "$2")
        ;;
    --ask)
        _endow_offer '' 'tty deny' "$2"
        mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -c -- "$2" | sort -u)
        ;;
    --ask-for)
        if [[ $2 == *:* ]]; then
            _endow_files "${2%%:*}:" "${2#*:}"
        else
            _endow_list 'read read: write write: append append: create create:' "$2"
        fi
        ;;
    --create | --private | --cwd) _endow_files '' "$2" -d ;;
    --connect)
        if [[ $2 == unix:* ]]; then
            _endow_files unix: "${2#unix:}"
            mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -P unix: -W any -- "${2#unix:}")
        else
            _endow_offer '' 'tcp: tcp:any udp: udp:any unix: unix:any' "$2"
        fi
        ;;
    --listen) _endow_offer '' 'tcp: tcp:any tcp:localhost: tcp:127.0.0.1:' "$2" ;;
    --env) mapfile -t COMPREPLY < <(compgen -e -- "$2") ;;
    --scratch) _endow_list "$_endow_scratch" "$2" ;;
    --isolate) _endow_list "$_endow_isolate" "$2" ;;
    --promise) _endow_list "$_endow_promises" "$2" ;;
    --limit) _endow_offer '' 'memory= cpu= wall= processes= files= filesize= core= stack=' "$2" ;;
    --umask) _endow_offer '' '022 027 077' "$2" ;;
    --user) mapfile -t COMPREPLY < <(compgen -u -- "$2") ;;
    --group) mapfile -t COMPREPLY < <(compgen -g -- "$2") ;;
    --keep-cap) _endow_list "$_endow_caps" "$2" ;;
    --forgo) _endow_list "${_endow_features#landlock }" "$2" ;;
    --require) _endow_list "$_endow_features" "$2" ;;
    --abi) _endow_offer '' '1 2 3 4 5 6 7' "$2" ;;
    *) return 1 ;;
    esac
}

# Readline replaces only what is behind the last ':' or '=' of the word.
_endow_trim() { # cur
    local mark before i

    for mark in : =; do
        [[ $1 == *"$mark"* && $COMP_WORDBREAKS == *"$mark"* ]] || continue
        before=${1%"${1##*"$mark"}"}
        for i in "${!COMPREPLY[@]}"; do
            COMPREPLY[i]=${COMPREPLY[i]#"$before"}
        done
    done
    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[:=] ]] && compopt -o nospace 2>/dev/null
}

# The programs that have a broker, by the pids of their launchers.
_endow_running() { # command
    "$1" list 2>/dev/null | sed -n 's/^\([0-9][0-9]*\) .*/\1/p'
}

# grant PROGRAM RIGHT... PATH as NAME CONDITION..., revoke PROGRAM NAME...; words[] is the caller's.
_endow_broker() { # cur command
    if [[ $1 == -* ]]; then
        _endow_offer '' '--help' "$1"
    elif ((${#words[@]} == 3)); then
        _endow_offer '' "$(_endow_running "$2")" "$1"
    elif [[ ${words[1]} == grant ]]; then
        case ${words[-2]} in as | until | times) return ;; esac
        _endow_files '' "$1"
        if [[ " ${words[*]} " == *' as '* ]]; then
            mapfile -t COMPREPLY < <(compgen -W 'until times revocable' -- "$1")
        else
            mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W 'read write append create pass as' -- "$1")
        fi
    fi
}

_endow_reply() {
    local -a words at
    local cur i program=0 literal=0 command=$1

    _endow_words
    cur=${words[-1]}
    COMPREPLY=()
    if ((${#words[@]} > 2)); then
        case ${words[1]} in
        compile) _endow_value -p "$cur" "$command"; return ;;
        check)
            case ${words[-2]} in
            --allow) _endow_list "$("$command" check --list 2>/dev/null | cut -d ' ' -f 1)" "$cur"; return ;;
            --abi) _endow_value --abi "$cur" "$command"; return ;;
            --fragments) _endow_files '' "$cur" -d; return ;;
            esac
            if [[ $cur == -* ]]; then
                _endow_offer '' '--strict --allow --elsewhere --abi --fragments --name --locked --json --sarif --list --help' "$cur"
            else
                _endow_value -p "$cur" "$command"
            fi
            return
            ;;
        list) if [[ $cur == -* ]]; then _endow_offer '' '--json --help' "$cur"; else _endow_offer '' "$(_endow_running "$command")" "$cur"; fi; return ;;
        grant | revoke) _endow_broker "$cur" "$command"; return ;;
        fmt)
            if [[ $cur == -* ]]; then _endow_offer '' '--check --write --help' "$cur"; else _endow_files '' "$cur"; fi
            return
            ;;
        can)
            _endow_can "$cur" "$command"
            return
            ;;
        explain | diff | matrix | lock)
            case ${words[-2]} in
            --program) mapfile -t COMPREPLY < <(compgen -c -- "$cur" | sort -u); return ;;
            --with) return ;;
            esac
            if [[ $cur == -* ]]; then
                case ${words[1]} in
                matrix) _endow_offer '' '--csv --html --help' "$cur" ;;
                lock) _endow_offer '' '--check --help' "$cur" ;;
                *) _endow_offer '' '--program --with --json --help' "$cur" ;;
                esac
            else
                _endow_value -p "$cur" "$command"
            fi
            return
            ;;
        doctor)
            if [[ ${words[-2]} == --abi ]]; then
                _endow_value --abi "$cur" "$command"
            elif [[ $cur == -* ]]; then
                _endow_offer '' '--abi --json' "$cur"
            else
                _endow_value -p "$cur" "$command"
            fi
            return
            ;;
        esac
    fi
    # Up to the program, or to the option whose value is being typed.
    for ((i = 1; i < ${#words[@]} - 1; i++)); do
        case ${words[i]} in
        --) literal=1 program=$((i + 1)); break ;;
        --*=*) ;;
        -*)
            if _endow_value "${words[i]}" '' "$command"; then
                if ((i == ${#words[@]} - 2)); then
                    _endow_value "${words[i]}" "$cur" "$command"
                    return
                fi
                ((i++))
            fi
            ;;
        *) program=$i; break ;;
        esac
    done
    COMPREPLY=()
    if ((program == 0)) && [[ $cur == --*=* ]]; then
        _endow_value "${cur%%=*}" "${cur#*=}" "$command"
        COMPREPLY=("${COMPREPLY[@]/#/${cur%%=*}=}")
    elif ((program == 0)) && [[ $cur == -* ]]; then
        _endow_offer '' "$_endow_options --" "$cur"
    elif ((program == 0 || program == ${#words[@]} - 1)); then
        mapfile -t COMPREPLY < <(compgen -c -- "$cur" | sort -u)
        ((${#words[@]} == 2)) && mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W 'compile doctor learn explain can diff matrix lock check fmt list grant revoke' -- "$cur")
        [[ $cur == */* ]] && _endow_files '' "$cur"
    elif ((!literal)) && [[ $cur =~ ^(r|w|rw|a|x|c):(.*)$ ]]; then
        local prefix=${BASH_REMATCH[1]}: kind=-f
        [[ $prefix == c: ]] && kind=-d
        _endow_files "$prefix" "${BASH_REMATCH[2]}" "$kind"
    elif declare -F _command_offset >/dev/null; then
        _command_offset "${at[program]}"
        return 1
    else
        _endow_files '' "$cur"
    fi
}

# The words of a question: endow can POLICY read PATH and connect tcp PORT
_endow_can() { # cur command
    local last=${words[-2]} i plain=0
    case $last in
    --program) mapfile -t COMPREPLY < <(compgen -c -- "$1" | sort -u); return ;;
    --with) return ;;
    connect) _endow_offer '' 'tcp udp unix' "$1"; return ;;
    listen) _endow_offer '' tcp "$1"; return ;;
    tcp) _endow_offer '' any "$1"; return ;;
    env) mapfile -t COMPREPLY < <(compgen -e -- "$1"); return ;;
    promise) _endow_value --promise "$1" "$2"; return ;;
    esac
    for ((i = 2; i < ${#words[@]} - 1; i++)); do
        case ${words[i]} in
        --program | --with) ((i++)) ;;
        -*) ;;
        *) ((plain++)) ;;
        esac
    done
    if ((plain == 0)) && [[ $1 == -* ]]; then
        _endow_offer '' '--program --with --json --help' "$1"
    elif ((plain == 0)); then
        _endow_value -p "$1" "$2"
    elif ((plain == 1)) || [[ $last == and ]]; then
        _endow_offer '' 'read write append create exec ioctl connect listen env promise call' "$1"
    else
        _endow_files '' "$1"
    fi
}

_endow() {
    _endow_reply "$@" || return 0
    local -a words at
    _endow_words
    _endow_trim "${words[-1]}"
    return 0
}

complete -F _endow endow
