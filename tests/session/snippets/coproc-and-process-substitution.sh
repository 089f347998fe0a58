#= output: "a\n"
cat <(echo a)
#= output: "b\n"
echo b > >(cat); sleep 0.2
