# shellcheck shell=bash disable=SC2034,SC2154
# chromium.bash: the tests of both of Chromium's programs. $browser is the program and what it is always told.
cat >"$F/page.html" <<'HTML'
<!doctype html><meta charset=utf-8><link rel=stylesheet href=tree/style.css><title>A page</title><h1>Grüße</h1><p id=sum></p>
<script>sum.textContent = 'sum ' + [1, 2, 3].reduce((a, b) => a + b)</script>
HTML
echo '#sum::after { content: ", styled" }' >"$F/tree/style.css"
# Files are compared where they are alike each time: not a PDF, which tells when it was made. It complains of much, bare too.
NORMAL_FILES=1 NORMAL=chromium_says
chromium_says() { grep -vE '^\[[0-9:/.]+:(ERROR|WARNING|FATAL|INFO)|^$'; }
chromium_prints() { # WHAT FILE [OPTION]... : WORD...    bare and under endow the PDF says the same
	local what=$1 file=$2 bare
	shift 2
	split "$@"
	fresh
	run "${browser[@]}" "${WORDS[@]}"
	bare=$(pdftotext "$file" -)
	if [ "$STATUS" -ne 0 ] || [ -z "$bare" ]; then
		not_ok "$program $what" "bare it fails:" "$(state | head -n 12)"
		return
	fi
	fresh
	run "$ENDOW" "${OPTIONS[@]}" "${browser[@]}" "${WORDS[@]}"
	is_blocked "$program $what" && return
	if [ "$STATUS" -eq 0 ] && [ "$(pdftotext "$file" -)" = "$bare" ]; then
		ok "$program $what"
	else
		not_ok "$program $what" "$(state | head -n 12)"
	fi
}
chromium_cannot() { # WHAT KIND VARIABLE [OPTION]... : WORD...   as bad, with a variable of the environment
	local what="$program cannot $1" kind=$2 variable=$3
	shift 3
	split "$@"
	fresh
	run env "$variable" "${browser[@]}" "${WORDS[@]}"
	if ! succeeded "$kind"; then
		not_ok "$what" "VACUOUS: bare, it does not succeed either" "$(state | head -n 12)"
		return
	fi
	fresh
	run env "$variable" "$ENDOW" "${OPTIONS[@]}" "${browser[@]}" "${WORDS[@]}"
	if is_blocked "$what"; then
		:
	elif succeeded "$kind"; then
		not_ok "$what" "it does:" "$(state | head -n 12)"
	elif [ "$STATUS" -eq 125 ]; then
		not_ok "$what" "it was not even started:" "$(<"$T/err")"
	else
		ok "$what"
	fi
}
chromium_tests() {
	local page=file://$W/page.html
	works "shows a page" --read page.html --read tree : "${browser[@]}" --dump-dom "$page"
	if [ -x /usr/bin/pdftotext ]; then
		chromium_prints "prints a page" new/page.pdf --read page.html --read tree --create new : \
			--no-pdf-header-footer --print-to-pdf=new/page.pdf "$page"
	else
		skip "$program prints a page" "pdftotext is not installed"
	fi
	bad "show a secret" secret --read page.html : "${browser[@]}" --dump-dom "file://$W/secret.txt"
	bad "fetch" connect --read page.html : "${browser[@]}" --dump-dom "http://127.0.0.1:$OTHER_PORT/"
	bad "print outside" outside --read page.html --create new : "${browser[@]}" --print-to-pdf=outside/new "$page"
	# It waits for a renderer that never answers, and what is ended for that leaves its temporary files.
	LIMIT=4 chromium_cannot "run a program" exec TMPDIR="$T/home" --read page.html --read run : --no-zygote \
		--renderer-cmd-prefix="$W/run" --dump-dom "$page"
}
