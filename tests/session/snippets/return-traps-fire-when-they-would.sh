#= output: "working\ncleaning up\n"
work() {
  trap 'echo "cleaning up"' RETURN
  echo working
}
work
#= output: "one\n"
echo one
#= typed: true, output: "two\n"
echo two
#= output: "cleaning up\n"
. /dev/null
#= status: 1, line: 14
false
#= output: "trap -- 'echo \"cleaning up\"' RETURN\n"
trap -p RETURN
#= output: "three\n"
trap - RETURN; echo three
