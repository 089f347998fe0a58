#= output: ""
printf() { :; }
trap() { :; }
return() { :; }
set() { :; }
echo() { :; }
cat() { :; }
command() { :; }
exec() { :; }
export() { :; }
#= status: 1, line: 12
false
#= output: "still here\n"
builtin echo still here
