# shellcheck shell=bash
needs /usr/bin/perl || return 0
cat >"$F/script.pl" <<'PERL'
use strict; use warnings; use File::Basename; use POSIX qw(floor); use Data::Dumper; use List::Util 'sum';
my %h; while (<>) { my ($k, $v) = split; $h{$k} = $v }
$Data::Dumper::Sortkeys = 1; print Dumper(\%h), basename("/a/b"), " ", floor(2.5), " ", sum(values %h), "\n";
PERL
works "runs a script with modules" : perl r:script.pl r:in.txt
works "filters" : perl -ne 'print scalar reverse' r:in.txt
works "writes a named file" : perl -e 'open(my $f, ">", $ARGV[0]) or die $!; print $f "made\n"' w:out.txt
works "edits in place" --create . --promise fattr : perl -pi -e s/alpha/omega/ tree/a.txt
works "uses pipes and select" : perl -e 'pipe(my $r, my $w); syswrite $w, "x"; my $b = ""; vec($b, fileno $r, 1) = 1; print scalar(select($b, undef, undef, 1)), "\n"'
bad "read a secret beside the input" secret : perl -ne print r:in.txt secret.txt
bad "write outside" outside : perl -e 'open(F, ">", "outside/new") or die $!'
bad "change a mode outside" outside --create tree --promise fattr : perl -e 'chmod 0777, "outside/file" or die $!'
bad "connect" connect : perl -MIO::Socket::INET -e "IO::Socket::INET->new('127.0.0.1:$OTHER_PORT') or die \$!"
bad "reach a Unix socket" unix : perl -MIO::Socket::UNIX -e "IO::Socket::UNIX->new('$SOCKET') or die \$!"
bad "execute what it wrote" exec --create tree --promise proc : perl -e 'open(F, ">", "tree/x"); print F "#!/bin/sh\necho RAN-\$((1+1))\n"; close F; chmod 0755, "tree/x"; system("./tree/x"); exec "tree/x"'
bad "signal another process" signal --promise proc : perl -e 'kill 9, VICTIM or die $!'
bad "see an inherited descriptor" secret : perl -e 'open(F, "<&=9") or die $!; print <F>'
bad "read a secret in the environment" secret : perl -e 'print $ENV{SECRET_KEY}'
