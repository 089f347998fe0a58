# One Python for all Python steps, as on the page: it and the shell share directory and exported variables.
exec {screen}>&1
the_python=$(cat <<'THE PYTHON'
import os
import sys

# Import Python's own modules, and none from the folder that it starts in.
found = sys.path[:]
sys.path[:] = [folder for folder in found if folder.startswith(os.path.dirname(os.__file__))]

LIVE_MAIN

# ---- The steps come on descriptor 4; commands for the shell go to descriptor 3.
import shlex
import traceback

sys.path[:] = found


def field():
    read = bytearray()
    byte = requests.read(1)
    while byte not in (b"", b"\0"):
        read += byte
        byte = requests.read(1)
    if not byte:
        sys.exit()
    return os.fsdecode(bytes(read))


requests, answers, own_process = os.fdopen(4, "rb"), os.fdopen(3, "wb"), os.getpid()
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
begin()
while True:
    folder, given, entry = field(), {}, field()
    while entry:
        given.setdefault(*entry.partition("=")[::2])
        entry = field()
    take_over(folder, given)
    name, source, status = field(), field(), 0
    try:
        exec(compiled(source, name, 1, {}), MAIN.__dict__)
    except SystemExit as end:
        # With any status, this is a failure: the rest of the step didn't run.
        status = end.code if isinstance(end.code, int) and end.code % 256 else 1
        print("left before its end:", end.code, file=sys.stderr)
    except BaseException as error:
        traceback.print_exception(type(error), error, error.__traceback__.tb_next)
        status = 1
    if os.getpid() != own_process:
        os._exit(status % 256)
    # Errors are ignored, as for a folder that is gone or a variable that is read-only.
    changes = ["cd -- " + shlex.quote(here())] if here() not in ("", folder) else []
    changes += ["unset " + key for key in given if key not in os.environ and key.isidentifier()]
    changes += ["declare -gx " + key + "=" + shlex.quote(value) for key, value in os.environ.items()
                if key.isidentifier() and given.get(key) != value]
    changes += ["python_status=" + str(status % 256)]
    answers.write(os.fsencode(" || :\n".join(changes)) + b"\0")
    answers.flush()
THE PYTHON
)
# The Python that the shell finds, or the machine's own if the steps have hidden it.
find_python() { type -P python3 || PATH=/usr/local/bin:/usr/bin:/bin type -P python3; }
which_python() { "$(find_python)" -c 'import sys; print(sys.executable, sys.prefix, sys.version)' 2>&1 || true; }
python_step() {
    local python_answer python_status
    # Start another Python if a virtual environment was activated or left.
    if [ "${python_is-}" != "$(which_python)" ]; then
        if [ -n "${THE_PYTHON_PID-}" ]; then
            python_answer=$THE_PYTHON_PID
            exec {THE_PYTHON[1]}>&-
            wait "$python_answer" || true
        fi
        coproc THE_PYTHON { exec "$(find_python)" -u -c "$the_python" 4<&0 3>&1 1>&"$screen"; }
    fi
    { printf '%s\0' "$PWD"; command -p env -0; printf '\0%s\0' "$1"; command -p cat; printf '\0'; } >&"${THE_PYTHON[1]}"
    IFS= read -r -d '' python_answer <&"${THE_PYTHON[0]}" || return 1
    eval "$python_answer"
    python_is=$(which_python)
    return "$python_status"
}
