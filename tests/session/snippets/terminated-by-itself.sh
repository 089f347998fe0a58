# At a prompt, kill $$ does nothing.
#= output: "still here\n"
kill $$
echo still here
