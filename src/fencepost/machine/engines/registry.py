"""The registered engines: Fencepost's own, and those of other packages, by `fencepost.engines` entry points."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points

from fencepost.errors import EngineError, SiteError, did_you_mean
from fencepost.machine.engine import Engine

GROUP = "fencepost.engines"
AUTO = "auto"
# In the order in which they are tried. Listed here, because reading all packages' entry points slows down each command.
_OWN = {
    "podman": EntryPoint("podman", "fencepost.machine.engines.podman:Podman", GROUP),
    "docker": EntryPoint("docker", "fencepost.machine.engines.docker:Docker", GROUP),
}
OWN_NAMES = tuple(_OWN)
_TEXTS = ("program", "version", "remote", "computer_template", "storage_template", "build_step", "registry_answer")
_FLAGS = ("options", "run_options", "private_flags", "remove_flags")
_FLAG_METHODS = ("build_flags", "user_namespace_flags", "filter_flags")


def engine_names() -> list[str]:
    """Return the names of all engines: Fencepost's own in the order in which they are tried, then the others."""
    return list(_registered())


def find_engine(wanted: str = AUTO) -> Engine:
    """Return the engine to use. Without one, nothing is run on the host instead.

    Args:
        wanted: the name of a registered engine, or `auto` for the first one that answers.

    Raises:
        SiteError: for a name that isn't registered.
        EngineError: when no engine answers, with what to install, or when a plug-in is wrong, with its package.
    """
    problems = []
    fix = ""
    for entries in _candidates(wanted):
        try:
            return _engine(entries)
        except EngineError as error:
            problems.append(error.message)
            fix = fix or error.fix
    first, *others = packages()
    hint = f"install one:  sudo apt-get install {first}   (or {', '.join(others)}; `fencepost doctor` shows more)"
    raise EngineError("no container engine: " + "; ".join(problems), fix or hint)


def packages() -> list[str]:
    """Return the Debian packages of Fencepost's own engines, in the order in which they are tried."""
    return [entry.load().package for entry in _OWN.values()]


def _candidates(wanted: str) -> Iterator[list[EntryPoint]]:
    if wanted == AUTO:
        yield from ([entry] for entry in _OWN.values())
        yield from (entries for name, entries in _registered().items() if name not in _OWN)
    elif entries := _registered().get(wanted):
        yield entries
    else:
        names = engine_names()
        raise SiteError(f"unknown engine `{wanted}`", did_you_mean(wanted, names) or " or ".join(names))


def _registered() -> dict[str, list[EntryPoint]]:
    """Return the entry points by name. A name that several packages have registered has several."""
    entries = {name: [entry] for name, entry in _OWN.items()}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        entries.setdefault(entry.name, []).append(entry)
    return entries


def _engine(entries: list[EntryPoint]) -> Engine:
    """Find the engine of a name on this computer.

    Raises:
        EngineError: when it isn't installed, doesn't answer or can't be used.
    """
    name = entries[0].name
    if len(entries) > 1:
        by_whom = " and ".join(map(_package_of, entries))
        raise EngineError(f"the engine `{name}` is registered twice, by {by_whom}", "remove one of these packages")
    try:
        engine = entries[0].load().find()
        return _checked(engine, name) if entries[0].dist else engine
    except EngineError:
        raise
    except (Exception, SystemExit) as error:
        what = f"the engine `{name}` of the package {_package_of(entries[0])} can't be used: {error!r}"
        raise EngineError(what, "update that package, or remove it") from error


def _package_of(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else __name__.partition(".")[0]


def _checked(engine: object, name: str) -> Engine:
    """Return a plug-in's engine after checking its name and the types of its texts and flags.

    Raises:
        TypeError: when one of them is wrong.
    """
    if not isinstance(engine, Engine):
        raise TypeError(f"find() returned {engine!r}, which is no Engine")
    if engine.name != name:
        raise TypeError(f"its name is {engine.name!r}")
    parts = {what: getattr(engine, what) for what in (*_TEXTS, *_FLAGS)}
    parts |= {what: getattr(engine, what)() for what in _FLAG_METHODS}
    parts |= {"label_template": engine.label_template("label"), "name_flags": engine.name_flags("name", "127.0.1.1")}
    for what, part in parts.items():
        kind = tuple if what.endswith(("flags", "options")) else str
        if not isinstance(part, kind) or not all(isinstance(word, str) for word in part):
            raise TypeError(f"{what} is {part!r}, and not a {'tuple of texts' if kind is tuple else 'text'}")
    return engine
