"""The settings of a site: `[tool.fencepost]` of its pyproject.toml, or its fencepost.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from fencepost.errors import SiteError, did_you_mean
from fencepost.machine.engines.registry import AUTO, engine_names
from fencepost.terminal import on_one_line

Model = TypeVar("Model", bound=BaseModel)

_TABLE = "[tool.fencepost]"
_KIBIBYTES = {"k": 1, "m": 1024, "g": 1024 * 1024}
# Larger values are typing errors.
_LARGEST = "16384g"
_MOST_OUTPUT, _MOST_JOBS = 1024, 1024
# Linux' highest pid_max.
_MOST_PROCESSES = 4194304


def with_hyphens(name: str) -> str:
    """Return a setting's name as in TOML, with hyphens."""
    return name.replace("_", "-")


def at_least(smallest: str) -> AfterValidator:
    """Return a validator of sizes with a unit: empty, or from `smallest` to `_LARGEST`."""

    def check(size: str) -> str:
        if size and not mebibytes(smallest) <= mebibytes(size) <= mebibytes(_LARGEST):
            bounds = {"smallest": smallest, "largest": _LARGEST}
            raise PydanticCustomError("size", "takes a size between `{smallest}` and `{largest}`", bounds)
        return size

    return AfterValidator(check)


def _check_path(path: str) -> str:
    if "\0" in path:
        raise PydanticCustomError("path", "takes a path, which can't hold a null character")
    return path


def _check_engine(engine: str) -> str:
    if engine != AUTO and engine not in (names := engine_names()):
        *first, last = map(repr, (AUTO, *names))
        names_of_all = {"first": ", ".join(first), "last": last}
        raise PydanticCustomError("engine", "input should be {first} or {last}", names_of_all)
    return engine


# Engines may refuse less.
Memory = Annotated[str, at_least("6m")]
_Folder = Annotated[str, AfterValidator(_check_path)]


class Settings(BaseModel):
    """How Fencepost treats a site. Every setting has a good default."""

    model_config = ConfigDict(extra="forbid", alias_generator=with_hyphens, populate_by_name=True, frozen=True)

    engine: Annotated[str, AfterValidator(_check_engine)] = Field(AUTO, description="The container engine to use.")
    pull: Literal["missing", "never"] = Field(
        "missing", description="`missing` pulls base images that the engine lacks from their registry; `never` doesn't."
    )
    machines: _Folder = Field("machines", description="The folder of the machines, in the site's folder.")
    records: _Folder = Field(".fencepost/records", description="The folder of the records.")
    virtual_machines: Literal["auto", "never"] = Field(
        "auto", description='`auto` runs machines with `kind = "vm"`; `never` skips their pages, and says so.'
    )
    isolation: Literal["auto", "container"] = Field(
        "auto",
        description="`container` gives each page a container of its own, even where a warm one is as safe.",
    )
    timeout: float = Field(60, gt=0, le=86400, description="Seconds for a snippet, unless it or its page sets others.")
    memory: Memory = Field("2g", pattern=r"^[0-9]{1,18}[kmgKMG]?$", description="The memory of a container.")
    processes: int = Field(512, ge=16, le=_MOST_PROCESSES, description="How many processes a container may have.")
    output_limit: int = Field(16, ge=1, le=_MOST_OUTPUT, description="MiB of output after which a snippet is stopped.")
    jobs: int = Field(0, ge=0, le=_MOST_JOBS, description="Pages checked at a time; 0 for one per processor.")
    max_age: float = Field(30, gt=0, allow_inf_nan=False, description="Days after which a verdict is shown as old.")
    allow_attributes: tuple[str, ...] = Field((), description="Fence attributes that other plugins read.")


def read_settings(folder: Path) -> Settings:
    """Read the settings of the site in `folder`.

    Raises:
        SiteError: for a file that isn't TOML, an unknown setting or a wrong value, with file and line.
    """
    own, project = folder / "fencepost.toml", folder / "pyproject.toml"
    if own.is_file():
        return _validated(_load(own), own)
    if project.is_file():
        tool = _load(project).get("tool")
        return _validated(tool.get("fencepost", {}) if isinstance(tool, dict) else {}, project)
    return Settings.model_validate({})


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError, OSError) as error:
        raise SiteError(f"can't be read as TOML: {error}", file=path.name) from error


def _validated(table: dict[str, Any], path: Path) -> Settings:
    return validated_table(Settings, table, path, path.name)


def mebibytes(size: str) -> int:
    """Return a size such as `512m` or `3g` in MiB, at least 1. A size without a unit is in bytes."""
    unit = size[-1].lower()
    if unit not in _KIBIBYTES:
        return max(1, int(size) >> 20)
    return max(1, int(size[:-1]) * _KIBIBYTES[unit] // 1024)


def validated_table(model: type[Model], table: dict[str, Any], path: Path, name: str) -> Model:
    """Return a pydantic model of a TOML table.

    Raises:
        SiteError: for the first problem in it, with file, line and a similar name.
    """
    try:
        return model.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0]) if first["loc"] else "fencepost"
        text = path.read_text("utf-8") if path.is_file() else ""
        # Look behind the table's header: in a pyproject.toml another table may have a key of that name.
        match = re.compile(rf"^[ \t]*\[?{re.escape(key)}\s*[=.\]]", re.MULTILINE).search(
            text, max(0, text.find(_TABLE))
        )
        line = text.count("\n", 0, match.start()) + 1 if match else 0
        if first["type"] == "extra_forbidden":
            known = [field.alias or field_name for field_name, field in model.model_fields.items()]
            raise SiteError(f"unknown setting `{key}`", did_you_mean(key, known), name, line) from error
        problem = first["msg"][:1].lower() + first["msg"][1:]
        raise SiteError(f"`{key}`: {problem}, not `{on_one_line(str(first['input']))}`", "", name, line) from error
