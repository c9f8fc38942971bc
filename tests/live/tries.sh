# shellcheck shell=bash
# tries.sh: the probe's attempts, bare and in a sandbox; sourced after lib.sh by those that make them.

# A process outside keeps what the attempts are aimed at.
targets=() INSIDE=
mkdir "$W/inside"
: >"$T/empty.policy"
serve_targets() {
	local line
	mkdir "$T/s"
	mkfifo "$T/serve.in"
	"$P" serve "$T/s" <"$T/serve.in" >"$T/serve.out" &
	keeper=$!
	exec 8>"$T/serve.in"
	# shellcheck disable=SC2034 # for lib.sh
	before_end=drop_targets
	until_true grep -q ^shm_key= "$T/serve.out" || {
		not_ok "the targets are there"
		finish
	}
	while read -r line; do
		case $line in
		hits=*) exec 9<"${line#hits=}" ;;
		dir=*) S=${line#dir=} targets+=("$line") ;;
		*=) ;;
		*) targets+=("$line") ;;
		esac
	done <"$T/serve.out"
	# What ought not to stay open, what is meant to, and what else the process ought to have.
	exec 20<"$S" 21<"$S/secret"
	# shellcheck disable=SC2054 # one word
	targets+=(hits_fd=9 bait_dir=20 bait_file=21 fds=0,1,2,9 fd_bound=1024 env_names=NONE groups= caps=0 "bounding=${am_root:-0}")
}

# Some of them are not in any folder: whoever made them has to clear them away.
drop_targets() {
	exec 8>&-
	wait "$keeper"
}

# attempt NAME [COMMAND...]: with COMMAND before the probe. OUTCOME is what it printed, or SIGSYS and the like.
attempt() {
	local name=$1 before=() more=()
	shift
	case $name in
	signals-*) before=(env --ignore-signal=HUP,USR2 --block-signal=USR1) ;;
	key-inherited) before=("$P" keyed) more=(key=@KEY@) ;;
	stray-group) [ "$am_root" ] && before=(setpriv --groups 7) ;;
	esac
	[ ! "$INSIDE" ] || more+=("inside=$INSIDE")
	{ timeout -k 1 10 "${before[@]}" "$@" "$P" try "$name" "${targets[@]}" "${more[@]}" >"$T/.out" 2>"$T/.err" 8>&-; } 2>/dev/null
	local status=$?
	case $status in
	0) OUTCOME=$(<"$T/.out") ;;
	124 | 137) OUTCOME=timeout ;;
	159) OUTCOME=SIGSYS ;;
	*) OUTCOME="status $status: $(<"$T/.err")" ;;
	esac
}

is_refusal() { # OUTCOME FLAGS
	case $1 in
	E[A-Z]*) return 0 ;;
	SIGSYS) [[ $2 == *,kills* ]] ;;
	*) return 1 ;;
	esac
}

attempt_inside() { # NAME LAUNCHER [OPTION]...
	local name=$1 options=(--no-policy)
	shift
	case $name in
	exec-loader) options=(-p "$T/empty.policy") ;; # the default policy grants it
	stray-group) options+=(--with 'groups none') ;;
	esac
	[ ! "$INSIDE" ] || options+=(--create "$INSIDE")
	attempt "$name" "$@" "${options[@]}" --with 'fd 9 keep'
}

# Some are made from a folder in which the sandbox may create. Sets INSIDE.
choose_place() { # NAME
	case $1 in
	open-symlink | open-dotdot | rename-in | chmod-setuid | exec-written) INSIDE=$W/inside ;;
	*) INSIDE= ;;
	esac
}
