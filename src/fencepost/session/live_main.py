"""The `__main__` in which a page's pieces of Python run, one after the other, as they would in a file or at the REPL.

Fencepost doesn't import this file. Its text goes to a machine's own `python3`, before that of `interpreter.py`, and
into the script of all steps. It needs only the standard library of any Python from 3.6 on.
"""

import __future__

import linecache
import os
import re
import sys
import types
from os import chdir, environ, getcwd, getpid, mkdir, rmdir

# The pieces so far, each with its file, first line, flags and values; and the compiler flags for the next ones.
PIECES, FLAGS = [], [0]
FUTURE = 0
for feature in __future__.all_feature_names:
    FUTURE |= getattr(__future__, feature).compiler_flag
# By file: the lines that tracebacks and `inspect` quote.
LINES = {}
# The programs for child processes so far, each in a file without a name.
PROGRAMS = []
# The entries of sys.path that come from PYTHONPATH, and those that Python has put after them.
FROM_PYTHONPATH, AFTER_PYTHONPATH = [], []
# The `__file__` that was last set for the page.
FILE = [None]


class Main(types.ModuleType):
    """A module whose `__file__` depends on the caller.

    The page gets a file in the working directory, where a reader would save the code. It doesn't exist, but two callers
    need a file that does: `inspect` reads the source of a class from it, and `multiprocessing` has a child process run
    it.
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
    """Make `MAIN` the process's `__main__`."""
    folders = folders_in(environ.get("PYTHONPATH"))
    rest = sys.path[1:] if sys.path[:1] == [""] else sys.path[:]
    while rest and rest[0] in folders:
        FROM_PYTHONPATH.append(rest.pop(0))
    AFTER_PYTHONPATH.extend(rest)
    MAIN.__dict__["__builtins__"] = sys.modules["builtins"]
    sys.modules["__main__"] = MAIN
    sys.argv = [""]


def compiled(source, file, first, values):
    """Return the code of a piece, to be run in `MAIN.__dict__`.

    Args:
        source: its text.
        file: the file that tracebacks name.
        first: the number of its first line in that file.
        values: global names to set for it.
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
    """Return the working directory; empty if it doesn't exist any more."""
    try:
        return getcwd()
    except OSError:
        return ""


def take_over(folder, variables):
    """Change to the shell's folder, take over its variables, and look for modules in its PYTHONPATH.

    As usual, a PYTHONPATH that the page's Python has set itself has no effect.
    """
    try:
        chdir(folder)
    except OSError:
        # The folder is gone, as it would be for a reader. Nothing must be found in that of the step before.
        chdir_to_nowhere("/tmp/fencepost-%d" % getpid())
    if variables.get("PYTHONPATH") != environ.get("PYTHONPATH"):
        search(folders_in(variables.get("PYTHONPATH")))
    for key in set(environ) - set(variables):
        del environ[key]
    environ.update(variables)
    # Otherwise Python may miss new files that were written within one tick of the file system's clock.
    for folder, finder in list((sys.path_importer_cache or {}).items()):
        if finder is None:
            del sys.path_importer_cache[folder]
        elif hasattr(finder, "invalidate_caches"):
            finder.invalidate_caches()


def chdir_to_nowhere(folder):
    """Make the current directory one that doesn't exist any more, if possible."""
    try:
        mkdir(folder)
        chdir(folder)
        rmdir(folder)
    except OSError:
        pass


def folders_in(pythonpath):
    """Return the entries of a PYTHONPATH as Python puts them into `sys.path` when it starts."""
    folders = []
    for entry in pythonpath.split(os.pathsep) if pythonpath else []:
        if os.path.abspath(entry) not in folders:
            folders.append(os.path.abspath(entry))
    return folders


def search(folders):
    """Put the folders of a new PYTHONPATH in place of the old one's. Entries that the page has added stay."""
    path = sys.path if isinstance(sys.path, list) else []
    for entry in FROM_PYTHONPATH:
        places = [place for place, other in enumerate(path) if other is entry]
        if places:
            del path[places[-1]]
    places = [place for place, other in enumerate(path) if any(other is entry for entry in AFTER_PYTHONPATH)]
    at = places[0] if places else len(path)
    path[at:at] = FROM_PYTHONPATH[:] = folders


def file_with(thing):
    """Return the file whose lines hold the source of a class of `MAIN`; for anything else, that of the last piece."""
    line = thing.__dict__.get("__firstlineno__") if isinstance(thing, type) else None
    for source, file, first, _, _ in reversed(PIECES):
        if isinstance(thing, type) and not re.search(r"\bclass\s+%s\b" % re.escape(thing.__name__), source):
            continue
        if line is None or first <= line <= first + source.count("\n"):
            return file
    return PIECES[-1][1]


# A child process that wasn't forked runs this, as it would run the reader's file. The output and failures of all pieces
# but the last are dropped, as they were shown when these ran.
AGAIN = """
import linecache, os, sys

file_of_a_child, names["__file__"] = names["__file__"], file
screens = os.dup(1), os.dup(2)
nowhere = os.open(os.devnull, os.O_WRONLY)
os.dup2(nowhere, 1), os.dup2(nowhere, 2), os.close(nowhere)
for name, text in lines.items():
    linecache.cache[name] = (0, None, text, name)
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
    """Return the path of a program that runs all pieces so far as `__mp_main__`.

    Each piece needs a new path: a fork server doesn't run the same file twice.
    """
    if not PROGRAMS or PROGRAMS[-1][0] != len(PIECES):
        import tempfile

        known = {"file": FILE[0], "pieces": PIECES, "lines": LINES}
        program = tempfile.TemporaryFile()
        # The long part is in a comment, as tracebacks quote the line that runs it.
        program.write(
            (
                "exec(*eval(open(__file__).readlines()[1][1:]))\n#%a, dict(%a, names=globals())\n" % (AGAIN, known)
            ).encode()
        )
        program.flush()
        PROGRAMS.append((len(PIECES), program))
    return "/proc/%d/fd/%d" % (getpid(), PROGRAMS[-1][1].fileno())
