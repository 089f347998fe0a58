# It runs between two commands at the prompt, and is none of the step's.
#= output: "set\n"
prompt() { false; true; }
PROMPT_COMMAND=prompt
echo set
#= output: "fine\n"
echo fine
#= status: 1, line: 9
false
