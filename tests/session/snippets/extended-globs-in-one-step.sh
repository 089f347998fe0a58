#= output: "matched\n"
shopt -s extglob
[[ aab == +(a)b ]] && echo matched
