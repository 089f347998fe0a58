#= output: ""
mkdir -p folder && cd folder
variable="a b"
export exported=yes
declare -A map=([key]=value)
declare -i number=1+1
readonly constant=1
f() { echo "$variable"; }
shopt -s extglob nullglob
umask 027
set -o noclobber
alias hi='echo hi'
#= output: "folder\na b\nyes\nvalue\n2\n1\na b\n0027\n"
basename "$PWD"
echo "$variable"
sh -c 'echo $exported'
echo "${map[key]}"
echo $number
echo $constant
f
umask
shopt -q extglob nullglob
#= status: 1, line: 25, like: "cannot overwrite existing file"
echo a >file
echo b >file
#= output: "hi\n"
hi
#= output: "2 a b c\n"
set -- a b c
echo "${#map[@]}1" >/dev/null
echo "2 $*"
#= output: "3 a b c\n"
echo "$# $*"
