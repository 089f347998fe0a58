#=
f() {
    echo "f $1"
    test "$1" = fine
    echo reached
}
g() { f "$@"; }
#= output: "f fine\nreached\n"
f fine
#= status: 1, line: 4, output: "f bad\n"
echo >/dev/null
g bad
echo not reached
