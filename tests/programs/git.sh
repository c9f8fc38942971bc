# shellcheck shell=bash
needs /usr/bin/git || return 0
(
	cd "$F" && export HOME=$T/home GIT_CONFIG_NOSYSTEM=1
	export GIT_AUTHOR_DATE='2001-02-03T04:05:06Z' GIT_COMMITTER_DATE='2001-02-03T04:05:06Z'
	printf '[user]\n\tname = Ada\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n' >"$HOME/.gitconfig"
	git init -q repo && cd repo && cp ../in.txt ../tree/a.txt . && git add . && git commit -qm first &&
		echo more >>in.txt && git commit -qam second && git branch side && git tag v1 && git gc -q
	git init -q ../hooked && cd ../hooked && git commit -q --allow-empty -m none
	printf '#!/bin/sh\necho RAN-$((1+1)) >&2\n' >.git/hooks/post-checkout
	chmod 755 .git/hooks/post-checkout && git branch side && git config alias.steal '!cat ../secret.txt'
	git clone -q ../hooked ../watched && cd ../watched && git config core.fsmonitor "echo RAN-\$((1+1)) >&2; false"
) >/dev/null 2>&1
works "shows the log" --read repo : git -C repo log --stat --format='%h %an %s'
works "shows a change" --read repo : git -C repo show v1
works "shows what is there" --read repo : git -C repo ls-tree -r HEAD
works "greps" --read repo : git -C repo grep -n apple
works "checks" --read repo : git -C repo fsck --full --no-progress
works "archives" --read repo : git -C repo archive --format=tar HEAD
# Times and numbers of files are in what it writes, so its files are not compared.
NORMAL_FILES=1 works "tells the state" --create repo : git -C repo status --short --branch
NORMAL_FILES=1 works "commits" --create repo --env GIT_AUTHOR_DATE=@1000000000 --env GIT_COMMITTER_DATE=@1000000000 : git -C repo commit --allow-empty -q -m third
echo x >"$F/repo/in.txt"
NORMAL_FILES=1 works "adds" --create repo : git -C repo add in.txt
NORMAL_FILES=1 works "switches" --create repo : git -C repo checkout -q -f side
NORMAL_FILES=1 works "clones" --read repo --create new : git clone -q repo new/copy
NORMAL_FILES=1 works "clones without links" --read repo --create new : git clone -q --no-local --bare repo new/copy
NORMAL_FILES=1 works "fetches" --read repo --create hooked : git -C hooked fetch -q ../repo main
NORMAL_FILES=1 works "packs" --create repo : git -C repo gc -q --prune=now
# Written inside, it would be run by whoever uses git in this repository next.
kept() { # WHAT SCRIPT   a part of the repository that is to stay as it is
	local before now
	fresh
	before=$(cd hooked/.git && find hooks config -printf '%p %m %T@\n' | sort && cat hooks/post-checkout config)
	run git -C hooked -c "alias.k=!$2" k
	now=$(cd "$W/hooked/.git" && { find hooks config -printf '%p %m %T@\n' | sort; cat hooks/post-checkout config; } 2>/dev/null)
	if [ "$before" = "$now" ]; then
		not_ok "git cannot $1" "VACUOUS: bare, it does not succeed either" "$(<"$T/err")"
		return
	fi
	fresh
	before=$(cd hooked/.git && find hooks config -printf '%p %m %T@\n' | sort && cat hooks/post-checkout config)
	run "$ENDOW" --create hooked --use coreutils-run git -C hooked -c "alias.k=!$2" k
	is_blocked "git cannot $1" && return
	now=$(cd "$W/hooked/.git" && { find hooks config -printf '%p %m %T@\n' | sort; cat hooks/post-checkout config; } 2>/dev/null)
	if [ "$before" != "$now" ]; then
		not_ok "git cannot $1" "it does:" "$(diff <(echo "$before") <(echo "$now"))"
	elif [ "$STATUS" -eq 125 ]; then
		not_ok "git cannot $1" "it was not even started:" "$(<"$T/err")"
	else
		ok "git cannot $1"
	fi
}
kept "write a hook" 'echo evil >.git/hooks/post-commit'
kept "change a hook" 'echo evil >>.git/hooks/post-checkout; chmod 755 .git/hooks/post-checkout'
kept "put another folder in the place of the hooks" 'mkdir h && echo evil >h/post-checkout && mv .git/hooks .git/old && mv h .git/hooks'
kept "put another folder in the place of .git" 'cp -r .git g && echo evil >g/hooks/post-checkout && mv .git old && mv g .git'
kept "change the settings" 'git config core.fsmonitor evil'
kept "put other settings in the place of these" 'echo evil >c && mv -f c .git/config'
kept "change the settings by another name" 'ln .git/config c && echo evil >>c'
fresh
run "$ENDOW" --create new git init -q new/fresh
is_blocked "git init" || if [ "$STATUS" -eq 0 ] && [ -f new/fresh/.git/config ]; then ok "git makes a new repository"; else not_ok "git makes a new repository" "$(<"$T/err")"; fi
bad "read a secret beside the repository" secret --read repo : git -C repo diff --no-index /dev/null ../secret.txt
bad "write outside" outside --read repo --create new : git -C repo archive -o ../outside/new.tar HEAD
bad "run a hook" exec --create hooked : git -C hooked checkout -f side
bad "run what watches the files" exec --create watched : git -C watched status
bad "run what a repository's settings name" exec --create hooked --read run : git -C hooked -c core.sshCommand='../run >&2' fetch -q ssh://127.0.0.1/x
bad "run an alias that reads a secret" secret --create hooked : git -C hooked steal
bad "connect" connect --create new : git clone -q "git://127.0.0.1:$OTHER_PORT/x" new/x
bad "signal another process" signal --read repo : git -c 'alias.k=!kill -9 VICTIM' -C repo k
bad "read a secret in the environment" secret --read repo : git -c 'alias.k=!echo $SECRET_KEY' -C repo k
