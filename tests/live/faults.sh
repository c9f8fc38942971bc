#!/usr/bin/env bash
# Fault injection: every system call of a launch is made to fail in turn. Either nothing runs (125, 126, 127), or what runs is
# confined as if nothing had happened. strace does the injecting.
. "$(dirname "$0")/lib.sh"

if ! command -v strace >/dev/null || ! strace -o /dev/null true 2>/dev/null; then
	skip faults "strace can't trace here"
	finish
fi

echo 'the secret' >secret
cat >"$XDG_CONFIG_HOME/endow/faults.policy" <<EOF
read $P
read $W/granted
fd 3 append $W/log as log
env set A=1
umask 077
limit files 64
EOF
: >granted
: >log
chmod go-w "$XDG_CONFIG_HOME/endow/faults.policy"
"$E" -p faults -- "$P" fds >/dev/null 2>&1 # the image is kept: what is traced is a launch, not a compilation

# The calls before the program is executed, each with how often it is made.
calls() { # option...
	strace -f -o trace "$E" "$@" -p faults -- "$P" cat secret >/dev/null 2>&1
	# shellcheck disable=SC2016 # awk's own
	awk '{ sub(/^[0-9]+ +/, "") } /^execve/ && ++n == 2 { exit } match($0, /^[a-z_0-9]+\(/) { print substr($0, 1, RLENGTH - 1) }' trace |
		grep -vxE 'execve|exit_group|arch_prctl|set_tid_address' | sort | uniq -c
}

# One launch with one failure. Prints what is wrong, nothing if all is well.
judge() { # call number errno question... -- option...
	local call=$1 number=$2 errno=$3 question=$4 want=$5 out status
	shift 5
	# shellcheck disable=SC2086 # the question is words
	out=$(SECRET=canary timeout 20 strace -f -o /dev/null -e trace="$call" -e inject="$call:error=$errno:when=$number" \
		"$E" "$@" -p faults -- "$P" $question 9</dev/null 2>/dev/null)
	status=$?
	# shellcheck disable=SC2053 # a pattern
	case $status in
	125 | 126 | 127) [ -z "$out" ] || echo "status $status, yet it said: $out" ;;
	*) [[ $out == $want ]] || echo "it ran (status $status) and said: ${out:-nothing}" ;;
	esac
}

sweep() { # name option...
	local name=$1 count call number errno wrong total=0 bad=0
	shift
	while read -r count call; do
		for ((number = 1; number <= count; number++)); do
			# rt_sigaction and rt_sigprocmask by the dozen: the first, the last and one between stand for all
			if [ "$count" -gt 12 ] && [ "$number" -ne 1 ] && [ "$number" -ne "$count" ] && [ "$number" -ne $((count / 2)) ]; then
				continue
			fi
			for errno in EPERM ENOMEM; do
				wrong=$(judge "$call" "$number" "$errno" "cat secret" "E[A-Z]*" "$@")
				total=$((total + 1))
				if [ -n "$wrong" ]; then
					printf '  %s #%s %s: %s\n' "$call" "$number" "$errno" "$wrong"
					bad=$((bad + 1))
				fi
			done
		done
	done < <(calls "$@")
	if [ "$bad" -eq 0 ] && [ "$total" -gt 60 ]; then
		ok "$name: $total failures, none opens anything"
	else
		not_ok "$name: $bad of $total failures leave a hole"
	fi
}

sweep "in place"
sweep "supervised" --supervise

# What the sandbox is made of: without one of these steps nothing may run at all.
for call in landlock_create_ruleset landlock_add_rule landlock_restrict_self close_range openat2; do
	wrong=$(judge "$call" 1 EIO "cat secret" "never")
	[ -z "$wrong" ] && ok "nothing runs when $call fails" || not_ok "nothing runs when $call fails: $wrong"
done
for option in PR_SET_NO_NEW_PRIVS PR_SET_SECCOMP; do
	strace -o trace -e trace=prctl "$E" -p faults -- "$P" cat secret >/dev/null 2>&1
	number=$(grep '^prctl' trace | grep -n "$option" | tail -n 1 | cut -d: -f1)
	wrong=$(judge prctl "${number:-1}" EIO "cat secret" "never")
	[ -n "$number" ] && [ -z "$wrong" ] && ok "nothing runs when $option fails" || not_ok "nothing runs when $option fails: $wrong"
done
finish
