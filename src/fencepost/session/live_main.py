"""The `__main__` in which a page's pieces of Python run, one after the other, as they would in a file or at the REPL.

Fencepost doesn't import this file: its text goes to a machine's own `python3`, ahead of `interpreter.py`, and into the
script of all steps. It needs nothing but the standard library of any Python from 3.6 on.
"""

import __future__

import linecache
import os
import re
import sys
import types
from os import chdir, environ, getcwd, getpid, mkdir, rmdir

# The pieces so far, each with its file, first line, flags and given names; and the flags that hold for the next ones.
PIECES, FLAGS = [], [0]
FUTURE = 0
for feature in __future__.all_feature_names:
    FUTURE |= getattr(__future__, feature).compiler_flag
# By file: the lines that a traceback and `inspect` quote.
LINES = {}
# The programs for child processes so far, each in a file without a name.
PROGRAMS = []
# The entries of sys.path that PYTHONPATH has put there, and those that Python has put behind them.
GIVEN, REST = [], []
# The `__file__` that the page was given last.
FILE = [None]


class Main(types.ModuleType):
    """A module with a `__file__` for each purpose.

    For the page it is a file in the working directory, where a reader would save the code. It isn't there, and two
    callers need one that is: `inspect` looks there for the source of a class, and `multiprocessing` has a child process
    run it.
    """

    def __getattribute__(self, name):
        if name == "__file__" and PIECES:
            caller = sys._getframe(1)
            if caller.f_code.co_name == "getfile":
                return file_with(caller.f_locals.get("object"))
            if caller.f_code.co_name == "get_preparation_data":
                return program_for_a_child()
        return types.ModuleType.__getattribute__(self, name)


MAIN = Main("__main__")


def begin():
    """Makes `MAIN` the process's `__main__`."""
    given = folders_in(environ.get("PYTHONPATH"))
    behind = sys.path[1:] if sys.path[:1] == [""] else sys.path[:]
    while behind and behind[0] in given:
        GIVEN.append(behind.pop(0))
    REST.extend(behind)
    MAIN.__dict__["__builtins__"] = sys.modules["builtins"]
    sys.modules["__main__"] = MAIN
    sys.argv = [""]


def compiled(source, file, first, values):
    """The code of a piece, ready to be run in `MAIN.__dict__`.

    Args:
        source: its text.
        file: the file that tracebacks name.
        first: the number of its first line there.
        values: global names that it finds set.
    """
    code = compile("\n" * (first - 1) + source, file, "exec", FLAGS[0], True)
    PIECES.append((source, file, first, FLAGS[0], values))
    FLAGS[0] |= code.co_flags & FUTURE
    new = [line + "\n" for line in source.split("\n")]
    lines = LINES.setdefault(file, [])
    lines += ["\n"] * (first - 1 + len(new) - len(lines))
    lines[first - 1 : first - 1 + len(new)] = new
    if not isinstance(linecache.cache, dict):
        linecache.cache = {}
    for name in LINES:
        linecache.cache[name] = (0, None, LINES[name], name)
    if MAIN.__dict__.get("__file__") == FILE[0]:
        MAIN.__dict__["__file__"] = FILE[0] = here().rstrip("/") + "/page.py"
    MAIN.__dict__.update(values)
    return code


def here():
    """The working directory; empty where it is gone."""
    try:
        return getcwd()
    except OSError:
        return ""


def take_over(folder, variables):
    """Goes to the shell's folder, takes its variables, and has modules found where the shell has put them since.

    A PYTHONPATH that the page's Python has set itself changes nothing, as ever.
    """
    try:
        chdir(folder)
    except OSError:
        # Nor is there any for a reader: what looks for a file here is not to find those of the step before.
        chdir_to_nowhere("/tmp/fencepost-%d" % getpid())
    if variables.get("PYTHONPATH") != environ.get("PYTHONPATH"):
        search(folders_in(variables.get("PYTHONPATH")))
    for key in set(environ) - set(variables):
        del environ[key]
    environ.update(variables)
    # A folder that was made, or got a file, within the same tick of the file system's clock would be missed.
    for folder, finder in list((sys.path_importer_cache or {}).items()):
        if finder is None:
            del sys.path_importer_cache[folder]
        elif hasattr(finder, "invalidate_caches"):
            finder.invalidate_caches()


def chdir_to_nowhere(folder):
    """Makes the current directory one that is gone, where one can be made."""
    try:
        mkdir(folder)
        chdir(folder)
        rmdir(folder)
    except OSError:
        pass


def folders_in(pythonpath):
    """The entries of a PYTHONPATH, as Python's start puts them into `sys.path`."""
    found = []
    for entry in (pythonpath or "").split(os.pathsep) if pythonpath else []:
        if os.path.abspath(entry) not in found:
            found.append(os.path.abspath(entry))
    return found


def search(folders):
    """Puts the folders of a new PYTHONPATH in place of the old one's. What the page has put into `sys.path` stays."""
    path = sys.path if isinstance(sys.path, list) else []
    for entry in GIVEN:
        places = [place for place, other in enumerate(path) if other is entry]
        if places:
            del path[places[-1]]
    places = [place for place, other in enumerate(path) if any(other is entry for entry in REST)]
    at = places[0] if places else len(path)
    path[at:at] = GIVEN[:] = folders


def file_with(thing):
    """The file in whose lines the source of a class of `MAIN` is found, or of all that is in it."""
    line = thing.__dict__.get("__firstlineno__") if isinstance(thing, type) else None
    for source, file, first, _, _ in reversed(PIECES):
        if isinstance(thing, type) and not re.search(r"\bclass\s+%s\b" % re.escape(thing.__name__), source):
            continue
        if line is None or first <= line <= first + source.count("\n"):
            return file
    return PIECES[-1][1]


# A child process that wasn't forked runs this, as it would run the reader's file. The pieces that have run before have
# printed what they print, and have failed where they fail.
AGAIN = """
import linecache, os, sys

file_of_a_child, names["__file__"] = names["__file__"], file
screens = os.dup(1), os.dup(2)
nowhere = os.open(os.devnull, os.O_WRONLY)
os.dup2(nowhere, 1), os.dup2(nowhere, 2), os.close(nowhere)
for name, told in lines.items():
    linecache.cache[name] = (0, None, told, name)
for number, (source, name, first, flags, values) in enumerate(pieces, 1):
    last = number == len(pieces)
    if last:
        sys.stdout.flush(), sys.stderr.flush()
        os.dup2(screens[0], 1), os.dup2(screens[1], 2), os.close(screens[0]), os.close(screens[1])
    names.update(values)
    try:
        exec(compile("\\n" * (first - 1) + source, name, "exec", flags, True), names)
    except BaseException:
        if last:
            raise
names["__file__"] = file_of_a_child
"""


def program_for_a_child():
    """The path of a program that runs all pieces so far as `__mp_main__`.

    A new one for each piece: a fork server takes a file that it has run before for the same.
    """
    if not PROGRAMS or PROGRAMS[-1][0] != len(PIECES):
        import tempfile

        known = {"file": FILE[0], "pieces": PIECES, "lines": LINES}
        program = tempfile.TemporaryFile()
        # What is long stands in a comment: a traceback quotes the line that runs it.
        program.write(
            (
                "exec(*eval(open(__file__).readlines()[1][1:]))\n#%a, dict(%a, names=globals())\n" % (AGAIN, known)
            ).encode()
        )
        program.flush()
        PROGRAMS.append((len(PIECES), program))
    return "/proc/%d/fd/%d" % (getpid(), PROGRAMS[-1][1].fileno())
