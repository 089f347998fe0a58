#= output: "hello\n"

# A comment

echo hello   # another

#= output: ""
# nothing but a comment
#= output: ""

