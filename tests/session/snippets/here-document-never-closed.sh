# What stands behind its beginning is text, and our own lines too: nothing of it has run.
#= returned_early: true, like: "here-document .* delimited by end-of-file"
read -r first <<END
never closed
  END
false
#= returned_early: true, like: "here-document .* delimited by end-of-file"
while read -r line; do :; done <<END
never closed
  END
false
#= returned_early: true, like: "here-document .* delimited by end-of-file"
: <<END
never closed
#= output: "goes on\n"
echo goes on
