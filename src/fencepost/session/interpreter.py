"""The live Python of a page, as it runs on the machine.

This file is not imported by Fencepost: its text is handed to the machine's own `python3 -c`, so it needs nothing but
the standard library of any Python from 3.6 on. Requests come as lines of JSON; what a snippet prints goes to
standard output and is followed by a mark that nobody can foresee; the answer goes to standard error.

Everything that is needed after a snippet has run is bound in `serve`'s own variables beforehand: a snippet may
replace `print`, `open`, `json.dumps` or `sys.stdout` as it likes.
"""

import ast
import json
import linecache
import os
import sys
import traceback
import types


def serve():
    """Runs one snippet after the other, until there are no more."""
    chdir, environ, getcwd, getpid, leave, write = os.chdir, os.environ, os.getcwd, os.getpid, os._exit, os.write
    dumps, loads, parse, shift = json.dumps, json.loads, ast.parse, ast.increment_lineno
    build, run, show, walk = compile, exec, traceback.TracebackException, traceback.walk_tb
    as_int, as_str, is_instance, length, text = int, str, isinstance, len, sys.stdout
    mkdir, rmdir = os.mkdir, os.rmdir
    base, ended, syntax = BaseException, SystemExit, SyntaxError
    cache = linecache.cache
    requests = os.fdopen(os.dup(0), "r", encoding="utf-8")
    answers, output = os.dup(2), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(1, 2)
    os.close(null)
    main = types.ModuleType("__main__")
    main.__builtins__ = __builtins__
    sys.modules["__main__"] = main
    sys.argv, sys.path[0] = [""], ""
    own_process = getpid()
    write(output, b"ready\n")
    for request in requests:
        wanted = loads(request)
        name, first = wanted["name"], wanted["line"]
        status, frames, told, tree, code = 0, [], "", None, None
        lines = cache[name][2] if name in cache else []
        source_lines = [line + "\n" for line in wanted["source"].split("\n")]
        lines = lines + ["\n"] * (first - 1 + length(source_lines) - length(lines))
        lines[first - 1 : first - 1 + length(source_lines)] = source_lines
        try:
            chdir(wanted["cwd"])
        except OSError:
            # Nor is there any for a reader: what looks for a file here is not to find those of the step before.
            chdir_to_nowhere("/tmp/fencepost-%d" % own_process, mkdir, chdir, rmdir)
        for key in set(environ) - set(wanted["env"]):
            del environ[key]
        environ.update(wanted["env"])
        main.__dict__.update(wanted["globals"])
        try:
            tree = parse(wanted["source"], name)
            shift(tree, first - 1)
            code = build(tree, name, "exec", 0, True)
            # Without this entry a traceback could not quote the page.
            cache[name] = (0, None, lines, name)
            run(code, main.__dict__)
        except ended as error:
            told = "exit"
            status = error.code if is_instance(error.code, as_int) else 0 if error.code is None else 1
            if error.code is not None and not is_instance(error.code, as_int):
                write(output, as_str(error.code).encode("utf-8", "replace") + b"\n")
        except base as error:
            status = 1
            trace = error.__traceback__
            if is_instance(error, syntax) and code is None:
                # The snippet itself can't be parsed. Where there is no tree, its lines are counted from 1 as yet.
                offset = first - 1 if tree is None else 0
                error.lineno = (error.lineno or 1) + offset
                if getattr(error, "end_lineno", None):
                    error.end_lineno += offset
                frames = [[name, error.lineno]]
                trace, told = None, "unreadable"
            else:
                trace = trace.tb_next if trace is not None else None
                frames = [[frame.f_code.co_filename, line] for frame, line in walk(trace)]
            printed = "".join(show(type(error), error, trace).format())
            if own_process == getpid():
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
        write_all(write, answers, dumps(answer).encode("utf-8", "surrogateescape") + mark + b"\n")
        write_all(write, output, mark + b"\n")


def chdir_to_nowhere(folder, mkdir, chdir, rmdir):
    """Makes the current directory one that is gone, where one can be made."""
    try:
        mkdir(folder)
        chdir(folder)
        rmdir(folder)
    except OSError:
        pass


def flush(stream):
    """Empties a stream's buffer, whatever has become of the stream."""
    try:
        stream.flush()
    except BaseException:
        pass


def write_all(write, descriptor, data):
    """Writes all of the bytes, however many calls it takes."""
    while data:
        data = data[write(descriptor, data) :]


if __name__ == "__main__":
    serve()
