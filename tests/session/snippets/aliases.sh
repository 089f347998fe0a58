#= output: "aliased\n"
alias greet='echo aliased'
greet
alias builtin=false trap=false printf=false exec=false return=false set=false .=false
#= status: 1, line: 7
true
false
#= output: "aliased\n"
greet
