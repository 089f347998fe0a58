# `false && true` stops nothing under set -e, but a step that ends with it ends with its status.
#= status: 1
false && true
#= output: "the session goes on\n"
echo the session goes on
#= status: 1
! true
