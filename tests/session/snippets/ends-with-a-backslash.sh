#= output: "hello\n"
echo hello \
#= output: "goes on\n"
echo goes on
