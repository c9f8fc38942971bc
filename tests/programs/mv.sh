# shellcheck shell=bash
needs /usr/bin/mv || return 0
works "renames" --create tree : mv tree/a.txt tree/c.txt
works "moves into a folder" --create tree : mv tree/a.txt tree/sub
works "moves a folder" --create tree --create new : mv tree/sub new
works "moves several, and keeps copies" --create tree : mv -b tree/a.txt tree/c.txt tree/sub
works "replaces" --create tree : mv -f tree/a.txt tree/sub/b.txt
bad "take a secret" secret --create tree : mv secret.txt tree/a.txt
bad "move outside" outside --create tree : mv tree/a.txt outside/new
bad "take from outside" outside --create tree : mv outside/file tree/sub
bad "replace outside" outside --create tree : mv -f tree/a.txt outside/file
