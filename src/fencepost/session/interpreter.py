"""The live Python of a page, as it runs on the machine.

Fencepost doesn't import this file. It passes its text to the machine's own `python3`, after that of `live_main.py`,
whose names it uses. It needs only the standard library of any Python from 3.6 on. Requests come as lines of JSON; what
a snippet prints goes to standard output, followed by an unpredictable mark; the answer goes to descriptor 3.

A snippet may replace `print`, `open`, `json.dumps` or `sys.stdout`. So everything that is needed after it has run is
bound to names of this file, which has its own copy of the builtins (see `python.COMMAND`).
"""

import os
import sys
from _signal import SIG_DFL, SIGALRM, alarm, signal
from json import dumps, loads
from os import _exit as leave
from os import environ, getcwd, getpid, write
from traceback import TracebackException, walk_tb


def serve(main, begin, take_over, compiled):
    """Run snippets, one after the other, until there are no more.

    Args:
        main, begin, take_over, compiled: see `live_main.py`.
    """
    requests = os.fdopen(os.dup(0), "r", encoding="utf-8")
    answers, output = os.dup(3), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(1, 2)
    os.close(null)
    os.close(3)
    begin()
    text = sys.stdout
    names = main.__dict__
    own_process = getpid()
    write(output, ("\n%d %s\nready\n" % (own_process, identity())).encode())
    while True:
        try:
            line = requests.readline()
        except Exception as error:
            # A signal handler of the page's has raised it. Like the REPL, print it and go on.
            trace = error.__traceback__.tb_next
            if trace is None:
                raise
            write(output, traceback_of(error, trace).encode("utf-8", "replace"))
            continue
        if not line:
            return
        request = loads(line)
        if "end" in request:
            # Returning runs Python's exit handlers; the alarm limits their time.
            signal(SIGALRM, SIG_DFL)
            alarm(request["end"])
            return
        name, first = request["name"], request["line"]
        status, frames, special_end, code = 0, [], "", None
        try:
            take_over(request["cwd"], request["env"])
            code = compiled(request["source"], name, first, request["globals"])
            exec(code, names)
        except BaseException as error:
            trace = error.__traceback__.tb_next if code is not None and error.__traceback__ is not None else None
            frames = [[frame.f_code.co_filename, line] for frame, line in walk_tb(trace)]
            if isinstance(error, SystemExit):
                special_end = "exit"
                status = error.code if isinstance(error.code, int) else 0 if error.code is None else 1
                printed = "" if error.code is None or isinstance(error.code, int) else str(error.code) + "\n"
            else:
                status = 1
                if isinstance(error, SyntaxError) and code is None:
                    error.lineno = error.lineno or first
                    error.text = error.text or request["source"].split("\n")[error.lineno - first]
                    frames, special_end = [[name, error.lineno]], "unreadable"
                printed = traceback_of(error, trace)
            if own_process == getpid() or special_end == "exit":
                flush(text)
                write(output, printed.encode("utf-8", "replace"))
        if own_process != getpid():
            # A forked child has reached the end of the snippet. Only its parent may answer.
            leave(status & 255)
        flush(text)
        flush(sys.stdout)
        flush(sys.stderr)
        try:
            here = getcwd()
        except OSError:
            here = request["cwd"]
        answer = {"status": status & 255, "frames": frames, "told": special_end, "cwd": here, "env": environ.copy()}
        mark = request["mark"].encode()
        write_all(answers, dumps(answer).encode("utf-8", "surrogateescape") + mark + b"\n")
        write_all(output, mark + b"\n")


def identity():
    """Return a text that identifies this interpreter and its environment. `which_python.py` computes the same."""
    return ascii([os.path.realpath(sys.executable or ""), os.path.realpath(sys.prefix), sys.version])


def traceback_of(error, trace):
    """Return what Python prints for an error, even if the page has broken modules that this needs."""
    try:
        return "".join(TracebackException(type(error), error, trace).format())
    except BaseException:
        return type(error).__name__ + "\n"


def flush(stream):
    """Flush a stream, even if the page has broken it."""
    try:
        stream.flush()
    except BaseException:
        pass


def write_all(descriptor, data):
    """Write all of the bytes, in as many calls as needed."""
    while data:
        data = data[write(descriptor, data) :]
