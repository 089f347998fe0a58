"""Base images, and what is renewed of them, with an engine and a mmdebstrap that are only pretended."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pretending import pretended

from fencepost.errors import EngineError
from fencepost.machine import base
from fencepost.machine.base import OWN_PREFIX, provide_base
from fencepost.machine.engine import Engine
from fencepost.machine.image import images_of
from fencepost.machine.making import Making

OWN = f"{OWN_PREFIX}debian:13"
# Its store is a folder: an image is a file, its slashes turned into commas.
ENGINE = r"""cd "$(dirname "$0")/store"; echo "$@" >>../calls
for last; do :; done; last=$(echo "$last" | tr / ,)
case "$1" in
image) [ -e "$last" ] && echo 123;;
images) ls | tr , /;;
pull) [ -e ../registry ] || { echo "no such registry"; exit 1; }; echo Copying; touch "$last";;
import) touch "$last";;
rmi) rm "$last";;
esac"""


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    (tmp_path / "store").mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("shutil.which", lambda _: "mmdebstrap")

    def bootstrap(_: Making, suite: str, target: Path) -> str:
        with (tmp_path / "calls").open("a") as calls:
            calls.write(f"mmdebstrap {suite}\n")
        target.touch()
        return ""

    monkeypatch.setattr(base, "_mmdebstrap", bootstrap)
    return pretended(tmp_path, ENGINE)


def have(folder: Path, *images: str) -> None:
    for image in images:
        (folder / "store" / image.replace("/", ",")).touch()


def calls(folder: Path) -> list[str]:
    """The first words of what was called and isn't a mere question."""
    told = (folder / "calls").read_text().splitlines()
    return [line.partition(" ")[0] for line in told if not line.startswith("image ")]


def provide(engine: Engine, *, pull: bool = True, again: bool = True, name: str = "debian:13") -> str:
    return provide_base(engine, name, Making(may_pull=pull, again=again))


def test_what_is_there_is_not_asked_for(engine: Engine, tmp_path: Path) -> None:
    have(tmp_path, OWN)
    assert provide(engine, again=False) == OWN
    assert calls(tmp_path) == []


def test_a_bootstrapped_one_is_made_again_from_fresh_packages(engine: Engine, tmp_path: Path) -> None:
    assert provide(engine, again=False) == OWN
    tar = tmp_path / "cache/fencepost/bases/debian-trixie.tar"
    yesterday = tar.stat().st_mtime - 86400
    os.utime(tar, (yesterday, yesterday))
    assert provide(engine) == OWN
    assert calls(tmp_path) == ["pull", "mmdebstrap", "import"] * 2
    # The site's next machine is built from the same.
    assert provide(engine) == OWN
    assert calls(tmp_path)[6:] == ["pull", "import"]


def test_a_registrys_one_takes_the_place_of_a_bootstrapped_one(engine: Engine, tmp_path: Path) -> None:
    have(tmp_path, OWN)
    (tmp_path / "registry").touch()
    assert provide(engine) == "debian:13"
    assert provide(engine, again=False) == "debian:13"
    assert calls(tmp_path) == ["pull", "rmi"]


def test_where_it_cannot_be_renewed_it_is_kept(engine: Engine, tmp_path: Path) -> None:
    have(tmp_path, "fedora:43")
    assert provide(engine, name="fedora:43") == "fedora:43"
    with pytest.raises(EngineError, match="the base image fedora:42 is not available: no such registry"):
        provide(engine, name="fedora:42")


def test_one_that_was_brought_by_hand_is_kept_where_pulling_is_switched_off(engine: Engine, tmp_path: Path) -> None:
    have(tmp_path, "debian:13")
    assert provide(engine, pull=False) == "debian:13"
    assert calls(tmp_path) == []


def test_everything_that_was_built_has_the_bases_in_it_behind_what_was_built_from_them(
    engine: Engine, tmp_path: Path
) -> None:
    have(tmp_path, OWN, "localhost/fencepost/plain:1", "localhost/other:1", "debian:13")
    assert images_of(engine, None) == ["localhost/fencepost/plain:1", OWN]
    assert images_of(engine, "plain") == ["localhost/fencepost/plain:1"]


def test_a_list_of_images_that_another_process_disturbs_is_asked_for_again(tmp_path: Path) -> None:
    fails_once = 'cd "$(dirname "$0")"; mkdir asked 2>/dev/null && exit 125; echo localhost/fencepost/plain:1'
    assert images_of(pretended(tmp_path, fails_once), "plain") == ["localhost/fencepost/plain:1"]


def test_a_list_of_images_that_never_comes_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="images failed: no store"):
        images_of(pretended(tmp_path, "echo no store >&2; exit 125"), "plain")
