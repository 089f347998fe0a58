#= output: "wow! !! !x\n"
echo "wow! !! !x"
