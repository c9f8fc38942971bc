" Vim file type plugin: endow.policy(5)

if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1

setlocal commentstring=#\ %s
setlocal comments=:#
" gq lays the policy out, :make finds what is wrong with it.
setlocal formatprg=endow\ fmt
setlocal makeprg=endow\ check\ %:S
setlocal errorformat=%f:%l:%c:\ %trror:\ %m,%f:%l:%c:\ %tarning:\ %m,%f:%l:%c:\ %tote:\ %m,%-G%.%#

let b:undo_ftplugin = 'setlocal commentstring< comments< formatprg< makeprg< errorformat<'
