#= output: "a\0b\ufffd\ufffdc\n"
printf 'a\0b\377\376c\n'
#= output: "no line end"
printf 'no line end'
#= output: "done\n"
echo done
