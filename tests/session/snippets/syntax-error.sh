#= status: 2, ending: SESSION_ENDED, like: "line 3: syntax error near unexpected token `fi'"
true
fi
#= output: "goes on\n"
echo goes on
#= status: 2, ending: SESSION_ENDED, like: "syntax error: unexpected end of file"
if true; then
#= output: "goes on\n"
echo goes on
#= returned_early: true, like: "here-document .* delimited by end-of-file"
cat <<END
never closed
#= output: "goes on\n"
echo goes on
