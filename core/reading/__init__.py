"""Reading what people have: from files of many kinds to the prose in them. Needs no screen and no torch.

`files` and `ignore` find files, `kinds` says what a file is, and a module for each kind takes its text out; `prose`,
`secrets` and `duplicates` decide what of it is learnt from; `reader` goes through it all.
"""
