# fish completion for endow(1)

function __endow_places
    if set -q XDG_CONFIG_HOME
        echo $XDG_CONFIG_HOME/endow
    else
        echo $HOME/.config/endow
    end
    echo /etc/endow
    set -l self (dirname (realpath (command -s endow) 2>/dev/null) 2>/dev/null)
    if test -d "$self/share"
        echo $self/share
    else
        echo (dirname "$self")/share/endow
    end
end

function __endow_policies
    for place in (__endow_places)
        for file in $place/*.policy
            string replace -r '\.policy$' '' (basename $file)
        end
    end
    __fish_complete_suffix .policy
end

function __endow_fragments
    for place in (__endow_places)
        for file in $place/fragments/*
            basename $file
        end
    end
end

# The words so far without options and their values; for -- the mark //.
function __endow_plain
    set -l value 0
    for word in (commandline -opc)[2..-1]
        if test $value = 1
            set value 0
            continue
        end
        switch $word
            case --
                echo //
            case -n --dry-run --json --prove -h --help -V --version --no-policy --service --supervise --why '--*=*'
            case '-*'
                set value 1
            case '*'
                echo $word
        end
    end
end

function __endow_no_program
    test (count (__endow_plain)) -eq 0
end

function __endow_at_program
    set -l plain (__endow_plain)
    test (count $plain) -eq 0; or test "$plain" = //
end

function __endow_first
    test (count (commandline -opc)) -eq 1
end

function __endow_command
    set -l words (commandline -opc)
    test (count $words) -ge 2; and test "$words[2]" = $argv[1]
end

function __endow_reviews
    __endow_command explain; or __endow_command can; or __endow_command diff; or __endow_command matrix; or __endow_command lock
end

# r:FILE and the like, but not after --.
function __endow_grants
    set -l token (commandline -ct)
    set -l part (string match -r '^(r|w|rw|a|x|c):(.*)$' -- $token)
    if test (count $part) -eq 3
        for path in (__fish_complete_path $part[3] | string replace -r '\t.*' '')
            if test $part[2] != c; or string match -q '*/' -- $path
                echo $part[2]:$path
            end
        end
    else
        printf '%s\n' r:\tread w:\twrite rw:\t'read and write' a:\tappend x:\texecute c:\t'a tree'
    end
end

function __endow_takes_grants
    set -l plain (__endow_plain)
    test (count $plain) -ge 1; and not contains // $plain; and not __endow_command compile; and not __endow_command doctor; and not __endow_command check; and not __endow_command fmt; and not __endow_reviews; and not __endow_command list; and not __endow_command grant; and not __endow_command revoke
end

# The last of a list with commas.
function __endow_list
    set -l before (string match -r '^(?:--[a-z-]+=)?(.*,)' -- (commandline -ct))[2]
    for word in $argv
        echo "$before$word"
    end
end

set -l promises proc tty fattr fattr-anywhere id debug sched sysvipc netlink watch aio
set -l features truncate tcp ioctl signal-scope socket-scope view audit
set -l isolate files processes ipc net
set -l scratch TMPDIR HOME XDG_CACHE_HOME XDG_RUNTIME_DIR
set -l statements read write append create exec ioctl except grant ask fd args env scratch cwd umask limit promise connect listen require forgo service private isolate user group groups keep session signals supervise report use let
set -l caps chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore

complete -c endow -f
complete -c endow -n __endow_at_program -a '(__fish_complete_command)'
complete -c endow -n __endow_first -a compile -d 'compile policies ahead'
complete -c endow -n __endow_first -a doctor -d 'what this kernel can enforce'
complete -c endow -n __endow_first -a check -d 'what a policy should not have without a reason'
complete -c endow -n __endow_first -a fmt -d 'lay policies out'
complete -c endow -n '__endow_command compile; or __endow_command doctor; or __endow_command check' -a '(__endow_policies)'
complete -c endow -n '__endow_command check' -l strict -d 'warnings fail, too'
complete -c endow -n '__endow_command check' -l allow -x -a '(__endow_list (endow check --list 2>/dev/null | string replace -r " .*" ""))' -d 'leave findings out'
complete -c endow -n '__endow_command check' -l elsewhere -d 'do not look at this machine'
complete -c endow -n '__endow_command check' -l abi -x -a '1 2 3 4 5 6 7' -d 'judge by this ABI'
complete -c endow -n '__endow_command check' -l fragments -x -a '(__fish_complete_directories)' -d 'look for fragments there first'
complete -c endow -n '__endow_command check' -l name -x -d 'how to show standard input'
complete -c endow -n '__endow_command check' -l locked -d 'compare with what was locked'
complete -c endow -n '__endow_command check' -l json -d 'for programs'
complete -c endow -n '__endow_command check' -l sarif -d 'for code hosts'
complete -c endow -n '__endow_command check' -l list -d 'the ids of all findings'
complete -c endow -n '__endow_command fmt' -F
complete -c endow -n '__endow_command fmt' -l check -d 'name the files that differ'
complete -c endow -n '__endow_command fmt' -s w -l write -d 'change the files'
complete -c endow -n '__endow_command doctor' -l abi -x -a '1 2 3 4 5 6 7' -d 'as if the kernel had this ABI'
complete -c endow -n '__endow_command doctor' -l json -d 'for programs'
complete -c endow -n __endow_first -a explain -d 'what a policy allows, in plain words'
complete -c endow -n __endow_first -a can -d 'may it?'
complete -c endow -n __endow_first -a diff -d 'what one policy allows and another does not'
complete -c endow -n __endow_first -a matrix -d 'many policies beside each other'
complete -c endow -n __endow_first -a lock -d 'notice when a policy becomes more'
complete -c endow -n __endow_reviews -a '(__endow_policies)'
complete -c endow -n '__endow_command can' -a 'read write append create exec ioctl connect listen env promise call and'
complete -c endow -n '__endow_command can' -F
complete -c endow -n '__endow_command explain; or __endow_command can; or __endow_command diff' -l program -x -a '(__fish_complete_command)' -d 'as if it were started'
complete -c endow -n '__endow_command explain; or __endow_command can; or __endow_command diff' -l with -x -a "$statements" -d 'with one statement more'
complete -c endow -n '__endow_command explain; or __endow_command can; or __endow_command diff' -l json -d 'for programs'
complete -c endow -n '__endow_command matrix' -l csv -d 'for a spreadsheet'
complete -c endow -n '__endow_command matrix' -l html -d 'as a page'
complete -c endow -n '__endow_command lock' -l check -d 'has it become more?'
complete -c endow -n __endow_first -a list -d 'what running programs hold'
complete -c endow -n __endow_first -a grant -d 'give a running program something more'
complete -c endow -n __endow_first -a revoke -d 'take it back'
complete -c endow -n '__endow_command list' -l json -d 'for programs'
complete -c endow -n '__endow_command list; or __endow_command grant; or __endow_command revoke' -a '(endow list 2>/dev/null | string match -rg "^([0-9]+) ")'
complete -c endow -n '__endow_command grant' -a 'read write append create pass as until times revocable'
complete -c endow -n '__endow_command grant' -F
complete -c endow -n __endow_takes_grants -a '(__endow_grants)'
complete -c endow -n __endow_takes_grants -F

complete -c endow -n __endow_no_program -s p -l policy -x -a '(__endow_policies)' -d 'this policy'
complete -c endow -n __endow_no_program -l no-policy -d 'the embedded default'
complete -c endow -n __endow_no_program -l use -x -a '(__endow_list (__endow_fragments))' -d 'add fragments'
complete -c endow -n __endow_no_program -l with -x -a "$statements" -d 'add a statement'
complete -c endow -n __endow_no_program -l read -r -F -d 'grant reading'
complete -c endow -n __endow_no_program -l write -r -F -d 'grant writing'
complete -c endow -n __endow_no_program -l append -r -F -d 'grant appending'
complete -c endow -n __endow_no_program -l create -x -a '(__fish_complete_directories)' -d 'grant a tree'
complete -c endow -n __endow_no_program -l exec -r -F -d 'grant executing'
complete -c endow -n __endow_no_program -l connect -x -a 'tcp: tcp:any udp: udp:any unix: unix:any' -d 'grant connecting'
complete -c endow -n __endow_no_program -l listen -x -a 'tcp: tcp:any tcp:localhost: tcp:127.0.0.1:' -d 'grant serving'
complete -c endow -n __endow_no_program -l env -x -a '(set -xn)' -d 'keep or set a variable'
complete -c endow -n __endow_no_program -l private -x -a '(__fish_complete_directories)' -d 'an empty, private directory'
complete -c endow -n __endow_no_program -l scratch -x -a "(__endow_list $scratch)" -d 'an empty folder that a variable names'
complete -c endow -n __endow_no_program -l except -r -F -d 'read only in trees granted for writing'
complete -c endow -n __endow_no_program -l isolate -x -a "(__endow_list $isolate)" -d 'of its own'
complete -c endow -n __endow_no_program -l promise -x -a "(__endow_list $promises)" -d 'open families of system calls'
complete -c endow -n __endow_no_program -l limit -x -a 'memory= cpu= wall= processes= files= filesize= core= stack=' -d 'set a limit'
complete -c endow -n __endow_no_program -l cwd -x -a '(__fish_complete_directories)' -d 'start in this directory'
complete -c endow -n __endow_no_program -l umask -x -a '022 027 077' -d 'file mode mask'
complete -c endow -n __endow_no_program -l user -x -a '(__fish_complete_users)' -d 'become this user'
complete -c endow -n __endow_no_program -l group -x -a '(__fish_complete_groups)' -d 'become this group'
complete -c endow -n __endow_no_program -l keep-cap -x -a "(__endow_list $caps)" -d 'keep capabilities'
complete -c endow -n __endow_no_program -l forgo -x -a "(__endow_list $features)" -d "run even if this can't be enforced"
complete -c endow -n __endow_no_program -l require -x -a "(__endow_list landlock $features)" -d 'run only if this can be enforced'
complete -c endow -n __endow_no_program -l service -d 'pass what systemd hands to a service'
complete -c endow -n __endow_no_program -l ask-for -x -a 'read: write: append: create: read,write:' -d 'what the person may be asked for'
complete -c endow -n __endow_no_program -l ask -x -a 'tty deny (__fish_complete_command)' -d 'whom to ask'
complete -c endow -n __endow_no_program -l keep-answers -r -F -d 'write down what was answered'
complete -c endow -n __endow_no_program -l why -d 'tell at the end what was refused'
complete -c endow -n __endow_no_program -l log -r -F -a journald -d 'write down what the broker hands out'
complete -c endow -n __endow_no_program -l supervise -d 'stay as the parent'
complete -c endow -n __endow_no_program -s n -l dry-run -d 'print every grant, run nothing'
complete -c endow -n __endow_no_program -l json -d 'the same for programs'
complete -c endow -n __endow_no_program -l prove -d 'try the known ways out first'
complete -c endow -n __endow_no_program -s h -l help -d help
complete -c endow -n __endow_no_program -s V -l version -d version
