# For sourced files, and for functions under set -T.
#= output: "hello\nin the file\nreturned\n"
echo 'echo in the file' >file
trap 'echo returned' RETURN
f() { echo hello; }
f
. ./file
trap - RETURN
