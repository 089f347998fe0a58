# As many + as at a prompt.
#= output: "+ echo hello\nhello\n"
set -x
echo hello
#= output: "+ echo again\nagain\n+ set +x\n"
echo again
set +x
#= output: "quiet\n"
echo quiet
#= status: 1, line: 12, output: "+ false\n"
set -x
false
#= output: "+ true\n"
true
#= output: "++ echo sub\n+ x=sub\n+ set +x\n"
x=$(echo sub)
set +x
#= typed: true, output: "+ echo inside\ninside\n"
(set -x; echo inside)
#= output: "++ echo b\n+ a=b\n"
# Another bash tells it as ever.
bash -c 'set -x; a=$(echo b)'
#= typed: true, output: "++ echo b\n+ a=b\n"
bash -c 'set -x; a=$(echo b)'
#= typed: true
f() { set -x; echo traced; set +x; }
#= typed: true, output: "+ echo traced\ntraced\n+ set +x\n"
f
#= typed: true, output: "++ is no trace\n"
echo '++ is no trace' | sed p | tail -n 1 | cat
