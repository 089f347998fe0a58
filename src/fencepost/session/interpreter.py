"""The live Python of a page, as it runs on the machine.

This file is not imported by Fencepost: its text is handed to the machine's own `python3`, behind `live_main.py`, whose
names it uses. It needs nothing but the standard library of any Python from 3.6 on. Requests come as lines of JSON; what
a snippet prints goes to standard output and is followed by a mark that nobody can foresee; the answer goes to
descriptor 3.

A snippet may replace `print`, `open`, `json.dumps` or `sys.stdout` as it likes: what is needed after it has run is
bound to names of this file, and of the builtins it has a copy (see `python.COMMAND`).
"""

import os
import sys
from _signal import SIG_DFL, SIGALRM, alarm, signal
from json import dumps, loads
from os import _exit as leave
from os import environ, getcwd, getpid, write
from traceback import TracebackException, walk_tb


def serve(main, begin, take_over, compiled):
    """Runs one snippet after the other, until there are no more.

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
    write(output, ("\n%d %s\nready\n" % (own_process, who())).encode())
    while True:
        try:
            request = requests.readline()
        except Exception as error:
            # Of a signal handler of the page's: the REPL, too, tells it at its prompt and goes on.
            trace = error.__traceback__.tb_next
            if trace is None:
                raise
            write(output, traceback_of(error, trace).encode("utf-8", "replace"))
            continue
        if not request:
            return
        wanted = loads(request)
        if "end" in wanted:
            # What runs at Python's end runs now, as far as it comes.
            signal(SIGALRM, SIG_DFL)
            alarm(wanted["end"])
            return
        name, first = wanted["name"], wanted["line"]
        status, frames, told, code = 0, [], "", None
        try:
            take_over(wanted["cwd"], wanted["env"])
            code = compiled(wanted["source"], name, first, wanted["globals"])
            exec(code, names)
        except BaseException as error:
            trace = error.__traceback__.tb_next if code is not None and error.__traceback__ is not None else None
            frames = [[frame.f_code.co_filename, line] for frame, line in walk_tb(trace)]
            if isinstance(error, SystemExit):
                told = "exit"
                status = error.code if isinstance(error.code, int) else 0 if error.code is None else 1
                printed = "" if error.code is None or isinstance(error.code, int) else str(error.code) + "\n"
            else:
                status = 1
                if isinstance(error, SyntaxError) and code is None:
                    error.lineno = error.lineno or first
                    error.text = error.text or wanted["source"].split("\n")[error.lineno - first]
                    frames, told = [[name, error.lineno]], "unreadable"
                printed = traceback_of(error, trace)
            if own_process == getpid() or told == "exit":
                flush(text)
                write(output, printed.encode("utf-8", "replace"))
        if own_process != getpid():
            # A forked child has come to the end of the snippet: it must not answer in its parent's place.
            leave(status & 255)
        flush(text)
        flush(sys.stdout)
        flush(sys.stderr)
        try:
            here = getcwd()
        except OSError:
            here = wanted["cwd"]
        answer = {"status": status & 255, "frames": frames, "told": told, "cwd": here, "env": environ.copy()}
        mark = wanted["mark"].encode()
        write_all(answers, dumps(answer).encode("utf-8", "surrogateescape") + mark + b"\n")
        write_all(output, mark + b"\n")


def who():
    """Which interpreter this is, and in which environment: the words by which `which_python.py` knows it again."""
    return ascii([os.path.realpath(sys.executable or ""), os.path.realpath(sys.prefix), sys.version])


def traceback_of(error, trace):
    """What Python prints of an error, whatever has become of the modules that it needs for that."""
    try:
        return "".join(TracebackException(type(error), error, trace).format())
    except BaseException:
        return type(error).__name__ + "\n"


def flush(stream):
    """Empties a stream's buffer, whatever has become of the stream."""
    try:
        stream.flush()
    except BaseException:
        pass


def write_all(descriptor, data):
    """Writes all of the bytes, however many calls it takes."""
    while data:
        data = data[write(descriptor, data) :]
