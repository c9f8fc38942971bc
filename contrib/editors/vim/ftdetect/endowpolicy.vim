autocmd BufNewFile,BufRead *.policy,*/endow/fragments/* setfiletype endowpolicy
