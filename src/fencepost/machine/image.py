"""Builds a Containerfile's image, and reuses it until its inputs change."""

from __future__ import annotations

import contextlib
import hashlib
import re
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass

from fencepost.errors import EngineError, MachineError
from fencepost.machine.base import OWN_PREFIX, provide_base
from fencepost.machine.cache import locked
from fencepost.machine.containerfile import base_images, with_base_images
from fencepost.machine.definition import MachineDefinition
from fencepost.machine.engine import Engine
from fencepost.machine.making import Making
from fencepost.machine.own_network import own_network

PREFIX = "localhost/fencepost/"
_BUILD_SECONDS = 3600
_SHOWN_LINES = 15
_SMALL_BYTES = 16 << 20
_TRIES, _AGAIN_SECONDS = 5, 0.2


@dataclass(frozen=True)
class Image:
    """The image of a machine.

    Attributes:
        name: its tag in the engine's store.
        id: the engine's local id.
    """

    name: str
    id: str


# Stands for the image of a machine that isn't possible on this computer.
NO_IMAGE = Image("", "")


def image_name(definition: MachineDefinition) -> str:
    """Return the tag of a machine's image. It contains the digest, so that a changed machine has another image."""
    return f"{PREFIX}{definition.name}:{definition.digest[:16]}"


def images_of(engine: Engine, machine: str | None) -> list[str]:
    """Return the tags of all images of a machine, old ones too; for `None`, of all machines and then of base images."""
    tags = sorted(set(_tags(engine)))
    prefixes = [PREFIX, OWN_PREFIX] if machine is None else [f"{PREFIX}{machine}:"]
    return [tag for prefix in prefixes for tag in tags if tag.startswith(prefix)]


def _tags(engine: Engine) -> list[str]:
    """Return every tag in the engine's store."""
    for tries_left in reversed(range(_TRIES)):
        done = engine.call("images", "--format", "{{.Repository}}:{{.Tag}}", check=not tries_left)
        if not done.returncode:
            break
        # It fails if another process removes an image meanwhile.
        time.sleep(_AGAIN_SECONDS)
    return done.stdout.split()


def images_at_hand(engine: Engine, definitions: Iterable[MachineDefinition]) -> dict[str, Image]:
    """Return the images of machines that the engine's store has, by their names, in one call.

    Machines whose files are large or can't be read are left out: only pages that need them have to wait or fail.

    Raises:
        EngineError: when the engine doesn't answer.
    """
    names = []
    for definition in definitions:
        with contextlib.suppress(OSError):
            if _is_small(definition):
                names.append(image_name(definition))
    return {name: Image(name, image_id) for name, image_id in engine.image_ids(names).items()}


def _is_small(definition: MachineDefinition) -> bool:
    # Computing an image's name reads all of a machine's files, and a check of any page would wait for it.
    files = (path for path in definition.folder.rglob("*") if path.is_file())
    return sum(path.stat().st_size for path in files) <= _SMALL_BYTES


def provide_image(engine: Engine, definition: MachineDefinition, making: Making) -> Image:
    """Return a machine's image, after building it if the engine's store lacks it.

    Args:
        engine: the engine.
        definition: the machine. The images of the machines that it starts from must exist.
        making: how it is made; `again` renews its base image, too.

    Raises:
        EngineError: when it can't be built, with the build's last lines.
        MachineError: when its Containerfile isn't text.
    """
    name = image_name(definition)
    image_id = engine.image_id(name)
    if image_id and not making.again:
        return Image(name, image_id)
    lock = f"image-{engine.name}-{hashlib.sha256(name.encode()).hexdigest()[:16]}"
    with locked(lock, making, waits_for=f"waiting for the image of {definition.name}, which is being built"):
        image_id = engine.image_id(name)
        if not image_id or making.again:
            _build(engine, definition, name, making)
            image_id = engine.image_id(name)
    if not image_id:
        raise EngineError(f"{engine.name} built {definition.name}, but lacks its image", file=definition.file)
    return Image(name, image_id)


def _build(engine: Engine, definition: MachineDefinition, name: str, making: Making) -> None:
    text = _text_of(definition)
    making.check()
    recipe = _with_bases(engine, definition, text, making)
    which = "its image" if making.machine == definition.name else f"the image of {definition.name}"
    arguments = ["build", "--tag", name, "--label", f"fencepost.machine={definition.name}", "--file", "-"]
    # Otherwise a step that fails leaves its container behind.
    arguments.append("--force-rm")
    if making.again:
        arguments.append("--no-cache")
    arguments += engine.build_flags()
    try:
        with own_network(engine) as flags:
            command = engine.argv(*arguments, *flags, str(definition.folder))
            making.does(f"building {which}")
            done = making.run(command, stdin=recipe, seconds=_BUILD_SECONDS, patience=engine.stores_seconds)
    except subprocess.TimeoutExpired as error:
        raise EngineError(f"building took more than {_BUILD_SECONDS} s", file=definition.file) from error
    except OSError as error:
        raise EngineError(f"{engine.name} can't be started: {error.strerror}") from error
    if done.returncode:
        lines = [line for line in done.stdout.splitlines() if line.strip()]
        shown = "\n    ".join(["its last lines:", *lines[-_SHOWN_LINES:]])
        fix = engine.fix_for(done.stdout)
        raise EngineError(
            f"the machine {definition.name} can't be built",
            f"{fix}\n  {shown}" if fix else shown,
            definition.file,
            _line_of_failure(engine, text, done.stdout),
        )


def _text_of(definition: MachineDefinition) -> str:
    data = definition.containerfile.read_bytes()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise MachineError(f"not UTF-8 text: {error.reason}", "save it as UTF-8", definition.file, line) from error


def _with_bases(engine: Engine, definition: MachineDefinition, text: str, making: Making) -> str:
    """Return the Containerfile with images that are in the store in its FROM lines."""
    machines = {base.from_name: image_name(base) for base in definition.bases}
    return with_base_images(
        text,
        {base.line: machines.get(base.image) or provide_base(engine, base.image, making) for base in base_images(text)},
    )


def _line_of_failure(engine: Engine, text: str, output: str) -> int:
    """Return the line of the Containerfile's step that began last; 0 if unknown."""
    steps = re.findall(engine.build_step, output, re.MULTILINE)
    instruction = re.compile(r"^\s*([A-Za-z]+)\s")
    continued = False
    seen = 0
    for number, line in enumerate(text.split("\n"), 1):
        if not continued and (match := instruction.match(line)) and not line.lstrip().startswith("#"):
            if match[1].upper() != "ARG" or seen:
                seen += 1
            if seen == len(steps):
                return number
        continued = line.rstrip().endswith("\\")
    return 0
