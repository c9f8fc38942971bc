# shellcheck shell=bash
needs /usr/bin/cp || return 0
works "copies to a named file" : cp r:in.txt w:out.txt
works "copies into a folder" : cp r:in.txt c:tree
works "copies a tree" : cp -r r:tree c:new
works "keeps modes and times" --promise fattr : cp -a r:tree c:new
works "replaces by force" : cp -f r:in.txt c:tree
bad "read a secret beside the input" secret : cp secret.txt w:copy
bad "read a secret in the environment" secret : cp /proc/self/environ w:copy
bad "write outside" outside : cp r:in.txt outside/file
bad "write outside by way of the tree" outside --create tree : cp r:in.txt tree/../outside/new
bad "change modes outside" outside --promise fattr --create tree : cp --attributes-only --preserve=mode r:run outside/file
bad "see an inherited descriptor" secret : cp /dev/fd/9 w:copy
