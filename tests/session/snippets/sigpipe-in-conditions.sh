# What bash decides by a pipeline's status must not depend on which of its members is faster.
#= output: "found\n"
if seq 1 2000000 | grep -q 5; then echo found; fi
#= output: "1\nand\nmore\n"
seq 1 2000000 | head -n 1 && echo and
seq 1 2000000 | grep -q 5 || echo not found
true && seq 1 2000000 | grep -q 5; echo more
#= output: "no\nthree\n"
# Any other failure still counts.
if (exit 3) | cat; then echo yes; else echo no; fi
(exit 3) | cat || echo three
#= status: 3, line: 14
# Last in a list, as everywhere.
true && (exit 3) | cat; echo not reached
#= status: 1, line: 17, output: "fine\n"
if ! seq 1 2000000 | grep -q 5; then echo not found; else echo fine; fi
! seq 1 2000000 | grep -q 5; false; echo not reached
#= output: "1\nloop\n"
while seq 1 2000000 | head -n 1; do echo loop; break; done
until seq 1 2000000 | grep -q 5; do echo again; sleep 1; done
#= output: "1\nfunction\n1\n1\n"
f() {
  seq 1 2000000 | head -n 1
}
if f; then echo function; fi
f && f
#= output: "1\nsubstitution: 1\n"
if x=$(seq 1 2000000 | head -n 1); then echo "$x"; fi
[ -n "$(seq 1 2000000 | head -n 1)" ] && echo "substitution: $(seq 1 2000000 | head -n 1)"
#= output: "1\njob\n"
seq 1 2000000 | head -n 1 &
wait $! && echo job
#= output: "A  1\nA\n1\nB\n"
# Over several lines, with a here-document, a comment and a backslash.
if cat <<A | sed 's/$/ 1/' |  # yes
A 
A
  head -n 1; then echo A; fi
if seq 1 2000000 \
  | head -n 1 &&
   true; then echo B; fi
#= status: 127, line: 44, output: "bash: nothere: command not found\nno\nbash: nothere: command not found\n"
if nothere | cat; then echo yes; else echo no; fi
nothere | cat
#= output: "a\nb\nfound\n"
if { echo a; echo b; seq 1 2000000; } | sed 2q; then echo found; fi
#= output: "1\n1\n"
for n in 1 2; do if seq 1 2000000 | (read -r x; echo "$x"); then :; fi; done
#= status: 1, line: 52, ending: SESSION_ENDED, output: "1\ntrapped 1\n"
trap 'echo trapped $?' ERR
seq 1 2000000 | head -n 1
false; echo not reached
#= output: "1\nRETURN\n"
trap - ERR
g() { trap 'echo RETURN' RETURN; seq 1 2000000 | head -n 1; }
g && trap - RETURN
