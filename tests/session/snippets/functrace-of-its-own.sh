# `set -T` of the page's own holds until the page ends it, also where ours has come beside it.
#= typed: true
set -T
#= typed: true, output: "T\n"
echo $- | tr -cd 'T\n'
#= output: "1\nT\n"
seq 1 1000000 | head -n 1
echo $- | tr -cd 'T\n'
#= typed: true, output: "T\n"
echo $- | tr -cd 'T\n'
#= typed: true
f() { (true); }; trap 'echo "debug $BASH_COMMAND"' DEBUG
#= typed: true, output: "debug f\ndebug f\ndebug true\n"
f
#= typed: true, output: "debug trap - DEBUG\n"
trap - DEBUG
#= typed: true
set +T
#= typed: true, output: "\n"
echo $- | tr -cd 'T\n'
