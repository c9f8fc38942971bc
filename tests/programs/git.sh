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
bad "read a secret beside the repository" secret --read repo : git -C repo diff --no-index /dev/null ../secret.txt
bad "write outside" outside --read repo --create new : git -C repo archive -o ../outside/new.tar HEAD
bad "run a hook" exec --create hooked : git -C hooked checkout -f side
bad "run what watches the files" exec --create watched : git -C watched status
bad "run what a repository's settings name" exec --create hooked --read run : git -C hooked -c core.sshCommand='../run >&2' fetch -q ssh://127.0.0.1/x
bad "run an alias that reads a secret" secret --create hooked : git -C hooked steal
bad "connect" connect --create new : git clone -q "git://127.0.0.1:$OTHER_PORT/x" new/x
bad "signal another process" signal --read repo : git -c 'alias.k=!kill -9 VICTIM' -C repo k
bad "read a secret in the environment" secret --read repo : git -c 'alias.k=!echo $SECRET_KEY' -C repo k
