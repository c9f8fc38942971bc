" Vim syntax file
" Language: endow.policy(5)

if exists('b:current_syntax')
  finish
endif

syntax case match
setlocal iskeyword=@,48-57,_,-
setlocal commentstring=#\ %s

" A statement's first word, at the start of a line.
syntax match endowVerb /^\s*\%(program\|use\|let\|except\|grant\|ask\|fd\|args\|env\|scratch\|cwd\|umask\|limit\|promise\|connect\|listen\|require\|forgo\|service\|private\|isolate\|user\|group\|groups\|keep\s\+cap\|session\|signals\|supervise\|report\)\ze\%(\s\|$\)/
syntax match endowGrant /^\s*\%(\%(read\|write\|append\|create\|exec\|ioctl\)\s\+\)\+/
syntax match endowReserved /^\s*ask\ze\%(\s\|$\)/
syntax keyword endowRight read write append create exec ioctl pass contained containedin=endowLine
syntax match endowLine /^\s*\%(fd\|args\|grant\)\s.*/ contains=endowVerb,endowRight,endowSocket,endowProtocol,endowModifier,endowNumber,endowPath,endowString,endowVariable,endowComment
syntax keyword endowModifier optional follow nofollow set as any none new reset until times revocable by path handle denials
syntax match endowModifier /\s\@<=\%(keep\|except\)\ze\%(\s\|$\)/
syntax match endowSocket /\s\@<=\%(connect\|listen\)\ze\s/ contained
syntax keyword endowProtocol tcp udp unix
syntax keyword endowName proc tty fattr fattr-anywhere id debug sched sysvipc netlink watch aio
syntax keyword endowName landlock truncate signal-scope socket-scope view audit
syntax keyword endowName ipc net
syntax keyword endowName memory cpu wall processes files filesize core stack
syntax match endowNumber /\%(^\|\s\)\@<=-\=\d\+\%(\.\.-\=\d\+\|[KMGTsmh]\|[-,0-9]\+\)\=\ze\%(\s\|$\)/
syntax match endowPath /\%(^\|\s\)\@<=\%([~.]\=\/\|[~.]\ze\%(\s\|$\)\)\S*/ contains=endowVariable
syntax match endowVariable /\$\%(\w\+\|{\w\+}\)/
syntax match endowEscape /\\\%(["\\$nt]\|x\x\x\)/ contained
syntax region endowString start=/"/ skip=/\\./ end=/"/ oneline contains=endowEscape,endowVariable
syntax match endowComment /\%(^\|\s\)\@<=#.*/ contains=@Spell,endowAllow
" What endow check is told to allow, and why.
syntax match endowAllow /\%(#\s*\)\@<=endow:\s*allow\s\+[a-z, -]\{-1,}\s\+because\>/ contained

highlight default link endowVerb Statement
highlight default link endowGrant Statement
highlight default link endowRight Statement
highlight default link endowReserved Error
highlight default link endowModifier Keyword
highlight default link endowProtocol Type
highlight default link endowSocket Statement
highlight default link endowName Constant
highlight default link endowNumber Number
highlight default link endowPath Directory
highlight default link endowVariable Identifier
highlight default link endowEscape SpecialChar
highlight default link endowString String
highlight default link endowComment Comment
highlight default link endowAllow SpecialComment

let b:current_syntax = 'endowpolicy'
