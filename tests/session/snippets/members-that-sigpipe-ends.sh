# A member of a pipeline before the last whose reader has had enough has not failed: otherwise it would be by chance.
#= status: 1, line: 4, output: "1\non\n"
seq 1 2000000 | head -n 1; echo on
false; echo not reached
#= status: 3, line: 7, output: "1\n"
seq 1 2000000 | head -n 1
(exit 3); echo not reached
#= status: 3, line: 10, output: "1\na\n"
seq 1 2000000 | head -n 1
{ echo a; exit 3; } | cat; echo not reached
#= status: 1, line: 15, output: "1\non\n1\n"
# Out of a function.
f() { seq 1 2000000 | head -n 1; }
f; echo on; f
false; echo not reached
#= status: 1, line: 18, output: "1\nin the function\n"
g() { seq 1 2000000 | head -n 1; echo in the function
false; echo not reached; }
g
#= status: 1, line: 24, output: "x 1\nin\n1 last\n"
# Out of command substitutions, in which `set -e` doesn't hold.
x=$(seq 1 2000000 | head -n 1); echo x $x
x=$(false; echo in); echo $x; x=$(seq 1 2000000 | head -n 1; echo last); echo $x
x=$(seq 1 2000000 | head -n 1; false); echo not reached
#= status: 1, line: 27, output: "1\n0\n1\nmore\n"
(seq 1 2000000 | head -n 1); echo $?
(seq 1 2000000 | head -n 1; echo more; false; echo not reached); echo not reached
#= output: "x 1\nsub\nsub ends\n"
trap 'echo ends' EXIT
x=$(seq 1 2000000 | head -n 1); echo x $x; (trap 'echo sub ends' EXIT; echo sub)
trap - EXIT
#= status: 137, line: 33
sh -c 'kill -9 $$' | cat; echo not reached
#= status: 141, line: 35
sh -c 'kill -PIPE $$'; echo not reached
#= status: 141, line: 37
(exit 141); echo not reached
#= status: 3, line: 39
(exit 3) | cat; echo not reached
#= status: 4, line: 41
yes | head -n 1 | (cat >/dev/null; exit 4); echo not reached
#= output: "looks the same\n"
sh -c 'kill -PIPE $$' | cat; echo looks the same
#= status: 1, line: 47, output: "1\non\n"
IFS=,
seq 1 2000000 | cat | head -n 1; echo on
false | cat | cat; echo not reached
#= status: 1, line: 53, output: "1\nfine\n"
IFS=$' \t\n'
set +e; false; seq 1 2000000 | head -n 1; false
echo fine
set -e
false; echo not reached
#= output: "1\n1\n1\nyes\n1\nand\nend\n"
for i in 1 2; do seq 1 2000000 | head -n 1; done
if (set +o pipefail; seq 1 2000000 | head -n 1); then echo yes; else echo no; fi
(set +o pipefail; seq 1 2000000 | head -n 1) && echo and; echo end
#= output: "1\n2\n1\n1\n"
while read -r l; do echo "$l"; done < <(seq 1 2000000 | head -n 2)
seq 1 2000000 | (read -r x; echo "$x")
{ seq 1 2000000; } | head -n 1
#= output: "first\n1\n"
echo first
seq 1 2000000 | head -n 1
#= status: 1, line: 66
false
#= output: "1\n"
echo $?
