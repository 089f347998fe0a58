#= output: "echo hello\nhello\n"
set -v
echo hello
#= output: "set +v\nquiet\n"
set +v
echo quiet
#= output: "quiet\n"
echo quiet
