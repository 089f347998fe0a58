# As under set -e in any script: the substitution itself goes on, an assignment fails with it, a word doesn't.
#= output: "word: goes on\n"
echo "word: $(false; echo goes on)"
#= status: 3, line: 5
variable=$(exit 3)
echo not reached
#= output: "hidden\n"
export variable=$(exit 3)
echo hidden
