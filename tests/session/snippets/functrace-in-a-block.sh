# What a block sets with `set -T` holds in the next one. What forgives an ended pipeline sets it too, and that ends.
#= output: "1\n"
seq 1 1000000 | head -n 1
#= output: "\n"
echo $- | tr -cd 'T\n'
#= output: "T\n"
set -o functrace; echo $- | tr -cd 'T\n'
#= output: "T\n"
echo $- | tr -cd 'T\n'
#= output: "\n"
set +T; echo $- | tr -cd 'T\n'
