# `set -o vi` has bash read its input by another way, which isn't there: at a prompt of ours nobody edits.
#= typed: true
set -o vi
#= typed: true, output: "here\n"
echo here
#= output: "block\n"
set -o vi; echo block
#= output: "next\n"
echo next
#= typed: true, output: "typed\n"
echo typed
#= typed: true
printf 'set -o vi\nalias hi="echo hi"\n' > rc; . ./rc
#= typed: true, output: "hi\n"
hi
#= typed: true
PS1='\[prompt\]> '
#= typed: true, output: "quiet\n"
echo quiet
#= typed: true
  set  -o emacs  # as before
#= typed: true, output: "end\n"
echo end
#= output: "end\n"
echo end
