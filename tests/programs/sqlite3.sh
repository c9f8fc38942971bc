# shellcheck shell=bash
needs /usr/bin/sqlite3 || return 0
sqlite3 "$F/tree/in.db" "create table t(k text, v int); insert into t values ('pear', 3), ('plum', 2);"
sqlite3 "$F/secret.db" "create table s(x text); insert into s values ('$TOKEN');"
works "reads a database" : sqlite3 -readonly r:tree/in.db 'select * from t order by v'
works "changes one" --create tree : sqlite3 tree/in.db "begin; update t set v = v + 1; commit; select sum(v) from t"
works "keeps a write-ahead log" --create tree : sqlite3 tree/in.db 'pragma journal_mode = wal; insert into t values (1, 1); pragma journal_mode = delete; vacuum; pragma integrity_check'
works "computes in memory" : sqlite3 :memory: "select sqrt(2), upper('x'), strftime('%Y', 0, 'unixepoch', 'localtime')"
works "imports a named file" --read in.txt : sqlite3 :memory: "create table x(a)" ".import in.txt x" "select * from x"
works "dumps" : sqlite3 -readonly r:tree/in.db .dump
bad "read another database" secret : sqlite3 -readonly r:tree/in.db "attach 'secret.db' as s" 'select * from s.s'
bad "read a secret by readfile()" secret : sqlite3 :memory: "select readfile('secret.txt')"
bad "write outside" outside --create tree : sqlite3 tree/in.db ".output outside/new" "select 1"
bad "run a program" exec --create tree : sqlite3 tree/in.db '.shell echo RAN-$((1+1))'
bad "signal another process" signal --create tree : sqlite3 tree/in.db '.shell kill -9 VICTIM'
bad "see an inherited descriptor" secret : sqlite3 :memory: "select readfile('/dev/fd/9')"
