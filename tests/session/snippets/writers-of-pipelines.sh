# A writer in a pipeline stops at its first failing command where bash would, and what SIGPIPE ends decides nothing.
#= status: 1, line: 4
build() { 
  false
  echo built
}
check() { build | grep -q built; }
check; echo not reached
#= output: "built\nas in any condition\n"
if build | grep built; then echo as in any condition; fi
#= status: 1, line: 13
printf 'false\necho loaded\n' >part.sh
loaded() { . ./part.sh | grep -q loaded; }; evaluated() { eval 'false; echo loaded' | grep -q loaded; }
loaded; echo not reached
#= status: 1, line: 13
evaluated; echo not reached
#= output: "found\nprinted\nloop\nfunction\ngroup\nthere\nnot missing\n"
# A builtin is ended by SIGPIPE together with the subshell that it runs in.
numbers=$(seq 1 100000)
if echo "$numbers" | grep -q '^5$'; then echo found; fi
printf '%s\n' {1..100000} | grep -q '^5$' && echo printed
if for i in {1..100000}; do echo $i; done | grep -q '^5$'; then echo loop; fi
list() { echo "$numbers"; }
if list | grep -q '^5$'; then echo function; fi
if { echo begin; echo "$numbers"; } | grep -q begin; then echo group; fi
! (echo "$numbers") | grep -q '^5$' || echo there
echo not missing
#= output: "1\n"
first() { echo "$numbers" | head -n 1; }
first
#= status: 1, line: 35, output: "1\n1\n"
# Of a writer that SIGPIPE ended, nothing is said of the next failure.
first
{ seq 1 1000000; echo; } | head -n 1
false; echo not reached
#= status: 1, line: 38, ending: SESSION_ENDED, like: '^(trapped 1\n)+$'
trap 'echo trapped $?' ERR
build | cat
echo not reached
#= output: "1\n1\nfive\n1\n1\n"
# An ERR trap of the page's own hears of no writer whose reader had enough, a function or not.
numbers=$(seq 1 100000); list() { seq 1 100000; }
trap 'echo "trapped $?"' ERR
echo "$numbers" | head -n 1
seq 1 2000000 | head -n 1
if echo "$numbers" | grep -q '^5$'; then echo five; fi
x=$(echo "$numbers" | head -n 1); echo "$x"
list | head -n 1
