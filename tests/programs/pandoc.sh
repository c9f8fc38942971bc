# shellcheck shell=bash
needs /usr/bin/pandoc || return 0
cat >"$F/in.md" <<'MD'
---
title: Fruit
date: 2001-02-03
---

# Pears

*Pears* and `plums`[^1], $x^2$, ![a picture](tree/in.png)

| fruit | price |
|-------|------:|
| pear  |     3 |

[^1]: Both are ripe.
MD
printf 'P6\n1 1\n255\nabc' >"$F/tree/in.png"
printf 'Title\n=====\n\n.. include:: secret.txt\n' >"$F/steal.rst"
printf '\\input{secret}\n' >"$F/steal.tex"
cp "$F/secret.txt" "$F/secret.tex"
printf 'function Str(s) return pandoc.Str(s.text:upper()) end\n' >"$F/filter.lua"
printf 'io.stderr:write(io.open("secret.txt"):read("a"))\n' >"$F/read.lua"
printf 'io.open("outside/new", "w"):write("new")\n' >"$F/write.lua"
printf 'os.execute("echo RAN-$((1+1)) >&2")\n' >"$F/run.lua"
printf 'io.stderr:write(os.getenv("SECRET_KEY"))\n' >"$F/env.lua"
printf 'local f = io.open("/dev/fd/9"); io.stderr:write(f:read("a"))\n' >"$F/fd.lua"
works "makes HTML" : pandoc -s r:in.md -o w:out.html
# The time is in these.
NORMAL_FILES=1 works "makes a Word document, with its pictures" --read tree : pandoc r:in.md -o w:out.docx
NORMAL_FILES=1 works "makes an EPUB" --read tree : pandoc -M identifier=x r:in.md -o w:out.epub
works "makes LaTeX" : pandoc -s -t latex -M title=Äpfel r:in.md
works "makes a page that needs no other file" --read tree : pandoc -s --self-contained r:in.md -o w:out.html
works "takes a filter in Lua" : pandoc -L r:filter.lua -t rst r:in.md
INPUT=$F/in.md works "is a filter" : pandoc -t man
bad "read a secret beside the input" secret : pandoc -t plain r:in.md secret.txt
bad "read a secret that a text includes" secret : pandoc -t plain r:steal.rst
bad "read a secret that LaTeX includes" secret : pandoc -t plain r:steal.tex
bad "put a secret into a header" secret : pandoc -s -t html -H secret.txt r:in.md
bad "read a secret by a filter" secret : pandoc -L r:read.lua r:in.md
bad "write outside" outside : pandoc r:in.md -o outside/new
bad "write outside by a filter" outside : pandoc -L r:write.lua r:in.md
bad "connect" connect : pandoc "http://127.0.0.1:$OTHER_PORT/"
bad "run a program by a filter" exec : pandoc -L r:run.lua r:in.md
bad "run a filter that is a program" exec --read run : pandoc -F ./run r:in.md
# Its own descriptor 9 may be a pipe, which it then waits for.
LIMIT=2 bad "see an inherited descriptor" secret : pandoc -L r:fd.lua r:in.md
bad "read a secret in the environment" secret : pandoc -L r:env.lua r:in.md
