#= output: "hello\n"
echo hello
true
