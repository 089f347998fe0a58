#= like: "^1\n2\n(.*\n)*60000\n$"
seq 60000
#= output: "done\n"
echo done
