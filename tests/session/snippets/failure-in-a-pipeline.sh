#= status: 1, line: 2, output: "hello\n"
echo hello | cat | { cat; false; }
#= status: 2, line: 4, output: "hello\n"
{ echo hello; exit 2; } | cat
echo not reached
#= status: 1, line: 7
false | true
