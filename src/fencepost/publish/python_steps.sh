# One Python for all Python steps, as on the page: it and the shell share directory and exported variables.
exec {screen}>&1
coproc THE_PYTHON { exec python3 -u -c '
import os, shlex, sys, traceback

answers = os.fdopen(3, "wb")
# What a step reads must not be the next one.
requests = os.fdopen(4, "rb")
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
names = {"__name__": "__main__"}


def field():
    read = bytearray()
    while (byte := requests.read(1)) not in (b"", b"\0"):
        read += byte
    if not byte:
        sys.exit()
    return os.fsdecode(bytes(read))


while True:
    os.chdir(field())
    given = {}
    while entry := field():
        given.setdefault(*entry.partition("=")[::2])
    for name in os.environ.keys() - given.keys():
        del os.environ[name]
    os.environ.update(given)
    name, source, status = field(), field(), 0
    try:
        exec(compile(source, name, "exec"), names)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        status = 1
    told = ["cd -- " + shlex.quote(os.getcwd())]
    told += ["unset " + key for key in given if key not in os.environ and key.isidentifier()]
    told += ["export " + key + "=" + shlex.quote(value) for key, value in os.environ.items()
             if key.isidentifier() and given.get(key) != value]
    told += ["return " + str(status % 256)]
    answers.write(os.fsencode("\n".join(told)) + b"\0")
    answers.flush()
' 4<&0 3>&1 1>&"$screen"; }
python_step() {
    local answer
    { printf '%s\0' "$PWD"; env -0; printf '\0%s\0' "$1"; cat; printf '\0'; } >&"${THE_PYTHON[1]}"
    IFS= read -r -d '' answer <&"${THE_PYTHON[0]}" || return 1
    eval "$answer"
}
