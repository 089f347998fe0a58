# Without the line that bash counts: it isn't the page's. The line is known all the same.
#= status: 2, line: 4, ending: SESSION_ENDED, output: "bash: syntax error near unexpected token `fi'\n"
true
fi
#= output: "goes on\n"
echo goes on
#= status: 2, line: 8, ending: SESSION_ENDED, like: "syntax error: unexpected end of file"
if true; then
#= output: "goes on\n"
echo goes on
#= returned_early: true, like: "here-document .* delimited by end-of-file"
cat <<END
never closed
#= output: "goes on\n"
echo goes on
