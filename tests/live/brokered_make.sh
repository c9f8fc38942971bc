#!/bin/bash
# Programs that know nothing of a broker at their hardest work, in a tree that it alone gives them: a parallel build, many threads,
# timers and signals at every moment. All has to come out as it does without a sandbox.
#   ENDOW_MAKE_FILES    sources of the build, 300 unless it says otherwise
#   ENDOW_BROKER_LIVES  files that are made, renamed, read and removed under signals, 4000
files=${ENDOW_MAKE_FILES:-300} lives=${ENDOW_BROKER_LIVES:-4000}
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

brokered=$T/bin/brokered
cp "${given_PROBE%/*}/brokered" "$brokered" || exit 1

# Nothing that has been started may outlive it.
clean() { # NAME
	holds "$1: no process is left" until_true nothing_left
	same "$1: nothing is left of the supervisor's" "" "$(find "$XDG_RUNTIME_DIR" -mindepth 1 -not -path "$XDG_RUNTIME_DIR/endow")"
}

# A build -------------------------------------------------------------------------------------------------------------------

make_sources() { # DIR
	local i
	mkdir -p "$1/src"
	for ((i = 0; i < 20; i++)); do
		printf '#ifndef H%d\n#define H%d\nint f%d(int);\nstruct s%d { int a[%d]; };\n#endif\n' $i $i $i $i $((i + 1)) >"$1/src/h$i.h"
	done
	for ((i = 0; i < files; i++)); do
		printf '#include <stddef.h>\n#include "h%d.h"\n#include "h%d.h"\nint g%d(int n) { struct s%d x = {{n}}; return x.a[0] * %d + (int)sizeof x; }\n' \
			$((i % 20)) $(((i + 7) % 20)) $i $((i % 20)) $i >"$1/src/c$i.c"
	done
	cat >"$1/Makefile" <<'END'
SOURCES := $(sort $(wildcard src/*.c))
OBJECTS := $(SOURCES:src/%.c=out/%.o)
all: out/all.a out/names
out/%.o: src/%.c | out
	gcc -O1 -MMD -MP -MF $(@:.o=.d) -c -o $@ $<
out:
	mkdir -p $@
out/all.a: $(OBJECTS)
	rm -f $@
	ar rcsD $@ $^
out/names: out/all.a
	for o in $(OBJECTS); do echo $$o; done >$@.new
	mv $@.new $@
	ln -f $@ out/names.link
	ln -sf names out/names.symlink
-include $(wildcard out/*.d)
END
}
sums() { (cd "$1/out" && for f in *; do printf '%s %s\n' "$(sha256sum <"$f")" "$f"; done); }

if [ -x /usr/bin/make ] && [ -x /usr/bin/gcc ]; then
	for where in bare brokered; do make_sources "$W/$where"; done
	{ make -s -C "$W/bare" -j8 >/dev/null; } 2>"$T/bare.err" || not_ok "the build, bare" "$(tail -n 5 "$T/bare.err")"
	cat >"$W/make.policy" <<-END
		program  /usr/bin/make
		use      make users scratch
		promise  id proc
		cwd      $W/brokered
		grant    read write create  $W/brokered  as tree
	END
	LIMIT=120 run "$E" -p "$W/make.policy" make -s -j8
	same "make -j8 of $files sources: no complaint" "0||" "$STATUS|$OUT|$ERR"
	same "all that it makes is the same" "$(sums "$W/bare")" "$(sums "$W/brokered")"
	holds "there is something to compare" [ "$(sums "$W/bare" | wc -l)" -gt $((2 * files)) ]
	clean make
	# What is up to date is seen to be: the times of what was made are right.
	touch "$W/brokered/src/h3.h" "$W/bare/src/h3.h"
	LIMIT=120 run "$E" -p "$W/make.policy" make -j8
	want=$(make -C "$W/bare" -j8 2>/dev/null | grep -c '^gcc')
	same "what depends on a header is made anew, and nothing else" "0|$want|" "$STATUS|$(grep -c '^gcc' <<<"$OUT")|$ERR"
	same "all is the same again" "$(sums "$W/bare")" "$(sums "$W/brokered")"
	echo 'int broken(' >"$W/brokered/src/c0.c"
	run "$E" -p "$W/make.policy" make -s -j8
	like "a build that fails fails" "2:*src/c0.c*" "$STATUS:$ERR"
	clean "make that fails"
else
	skip "make -j8" "make and gcc are not installed"
fi

# Signals and threads ---------------------------------------------------------------------------------------------------------

mkdir "$W/lives"
printf 'promise proc\ngrant read write create %s as tree\n' "$W/lives" >"$W/lives.policy"
live() { # NAME WANT WORD...
	local name=$1 want=$2
	shift 2
	rm -rf "$W/lives" && mkdir "$W/lives"
	LIMIT=60 run "$E" -p "$W/lives.policy" "$brokered" "$@"
	same "$name" "0|$want|" "$STATUS|$OUT|$ERR"
	same "$name: nothing is left in the tree" "" "$(ls "$W/lives")"
	clean "$name"
}
live "timers" "timers: 0 interrupted, 0 done twice, 0 failed" timers "$W/lives" "$lives" restart
live "timers of who wants to be interrupted" "timers: 0 done twice, 0 failed" timers "$W/lives" "$lives" plain
live "signals and stops at any moment" "signals: 0 interrupted, 0 done twice, 0 failed" signals "$W/lives" "$lives"
live "32 threads" "threads: 0 interrupted, 0 done twice, 0 failed" threads "$W/lives" $((lives / 32))
live "processes and threads together" "forks: well" forks "$W/lives" $((lives / 400))
finish
