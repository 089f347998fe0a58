"""Pages are checked as they are saved, and steps that ran already don't run again."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from fencepost.live.live_check import LiveCheck
from fencepost.machine.engine import Engine
from fencepost.record.model import Record
from fencepost.record.store import RecordStore
from fencepost.run_key import RunKey
from tests.helpers.checking import INSTALLS, containers_of_this_process, left_behind
from tests.helpers.site_builder import SiteBuilder

UUID = "cat /proc/sys/kernel/random/uuid"
PAGE = f"""
    ---
    machine: plain
    ---
    # A page

    ```bash {{ #first }}
    {UUID}
    greeting=hello
    ```

    ```bash {{ #second }}
    {UUID}
    ```

    ```bash {{ #third }}
    {UUID}
    echo "$greeting"
    ```
    """


@dataclass
class Listener:
    """Remembers what it is told."""

    infos: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def info(self, text: str, /) -> None:
        self.infos.append(text)

    def warning(self, text: str, /) -> None:
        self.warnings.append(text)


@dataclass
class Writing:
    """An author at work on a site."""

    build: SiteBuilder
    engine: Engine
    told: Listener
    live: LiveCheck

    def save(self, text: str, name: str = "page.md") -> dict[str, str]:
        """Saves a page, and waits for its check; the output of each of its steps."""
        self.build.page(text, name)
        self.look()
        return self.outputs(name)

    def look(self) -> None:
        self.live.look(self.build.read())
        assert self.live.wait(60)
        self.rest()

    def rest(self) -> None:
        """Waits until the sessions for the next edit are where they should be."""
        deadline = time.monotonic() + 60
        while self.live.at_work and time.monotonic() < deadline:
            time.sleep(0.02)

    def wait_for(self, step: str) -> None:
        """Waits until a step is under way."""
        deadline = time.monotonic() + 60
        while not any(step in told for told in self.live.at_work) and time.monotonic() < deadline:
            time.sleep(0.02)

    def record(self, name: str = "page.md") -> Record | None:
        return RecordStore(self.build.read().records, read_only=True).read(RunKey(f"docs/{name}", "plain"))

    def outputs(self, name: str = "page.md") -> dict[str, str]:
        record = self.record(name)
        return {step.id: step.output for step in record.snippets} if record else {}


@pytest.fixture
def writing(build: SiteBuilder, engine: Engine) -> Iterator[Writing]:
    build.real_machine("plain")
    build.write("fencepost.toml", f'engine = "{engine.name}"\n')
    build.page(PAGE)
    told = Listener()
    live = LiveCheck(told)
    live.look(build.read())
    yield Writing(build, engine, told, live)
    live.close()
    assert left_behind(engine) == []


def test_nothing_runs_before_anything_is_saved(writing: Writing) -> None:
    writing.look()
    assert writing.record() is None
    assert left_behind(writing.engine) == []


def test_the_steps_before_the_edited_one_are_not_repeated(writing: Writing) -> None:
    first = writing.save(PAGE + "\n")
    assert list(first) == ["first", "second", "third"]
    edited = writing.save(PAGE.replace('"$greeting"', '"$greeting again"'))
    assert (edited["first"], edited["second"]) != (first["first"], first["second"])  # from the session that waited
    assert edited["third"].endswith("hello again\n")
    again = writing.save(PAGE.replace('"$greeting"', '"$greeting at last"'))
    assert again["third"].endswith("hello at last\n")
    assert "1 run in" in writing.told.infos[-1]
    assert "2 still known" in writing.told.infos[-1]
    record = writing.record()
    assert record
    assert record.verdict == "passed"
    assert record.steps_sha256 == writing.build.read().read_pages()[0].digest_on("plain")


def test_a_step_that_is_added_is_the_only_one_to_run(writing: Writing) -> None:
    before = writing.save(PAGE + "\n")
    after = writing.save(PAGE + '\n    ```bash { #fourth }\n    echo "$greeting"\n    ```\n')
    assert after == {**before, "fourth": "hello\n"}


@pytest.mark.parametrize("how", ["it is deleted", "it has no machine any more"])
def test_a_deleted_page_is_not_checked_to_its_end(writing: Writing, how: str) -> None:
    page = writing.build.page(PAGE.replace('echo "$greeting"', "sleep 3000"))
    writing.live.look(writing.build.read())
    writing.wait_for("third")
    if how == "it is deleted":
        page.unlink()
    else:
        writing.build.page("# Prose\n")
    writing.look()
    assert writing.record() is None
    assert writing.told.warnings == []
    writing.save(PAGE)
    assert (record := writing.record())
    assert record.verdict == "passed"


def test_a_failed_step_is_fixed_by_the_next_save(writing: Writing) -> None:
    broken = PAGE.replace('echo "$greeting"', "nonsense")
    writing.save(broken)
    assert "docs/page.md:17: failed: step `third`" in writing.told.warnings[-1]
    kept = writing.record()
    assert kept
    assert kept.verdict == "failed"
    writing.save(PAGE)
    assert "1 run in" in writing.told.infos[-1]
    assert (record := writing.record())
    assert record.verdict == "passed"


def test_packages_that_a_page_installs_are_recorded(writing: Writing) -> None:
    writing.save(INSTALLS.replace("machine: python", "machine: plain"))
    assert (record := writing.record())
    assert record.verdict == "passed"
    assert record.installed == {"fixed": "1.0"}


def test_prose_runs_nothing(writing: Writing) -> None:
    before = writing.save(PAGE + "\n")
    assert writing.save(PAGE + "\n    More words.\n") == before
    assert len([text for text in writing.told.infos if "still known" in text]) == 1


def test_a_failed_page_is_run_again_with_another_front_matter(writing: Writing) -> None:
    slow = PAGE.replace('echo "$greeting"', "sleep 3").replace("machine: plain", "machine: plain\n    timeout: 1")
    writing.save(slow)
    assert "timed-out: step `third`" in writing.told.warnings[-1]
    writing.save(slow + "\n    More words.\n")
    assert len(writing.told.warnings) == 1
    writing.save(slow.replace("timeout: 1", "timeout: 60"))
    assert (record := writing.record())
    assert record.verdict == "passed"


def test_a_page_is_run_again_with_other_settings(writing: Writing) -> None:
    writing.build.write("fencepost.toml", f'engine = "{writing.engine.name}"\ntimeout = 1\n')
    slow = PAGE.replace('echo "$greeting"', "sleep 3")
    writing.save(slow)
    assert "timed-out: step `third`" in writing.told.warnings[-1]
    writing.build.write("fencepost.toml", f'engine = "{writing.engine.name}"\n')
    writing.save(slow + "\n    More words.\n")
    assert (record := writing.record())
    assert record.verdict == "passed"
    assert "3 run in" in writing.told.infos[-1]  # nothing that was begun with the earlier ones


def test_a_page_is_run_again_on_an_edited_machine(writing: Writing) -> None:
    first = writing.save(PAGE + "\n")
    file = writing.build.folder / "machines/plain/machine.toml"
    file.write_text('env = { greeted = "yes" }\n')
    again = writing.save(PAGE + "\n    More words.\n")
    assert again["first"] != first["first"]
    writing.save(PAGE.replace('"$greeting"', '"$greeting $greeted"'))
    assert writing.outputs()["third"].endswith("hello yes\n")


def test_an_edit_above_all_steps_moves_their_lines(writing: Writing) -> None:
    writing.save(PAGE + "\n")
    moved = PAGE.replace("# A page", "# A page\n\n    More words.")
    writing.save(moved)
    writing.save(moved.replace('echo "$greeting"', "false"))
    assert "docs/page.md:19: failed: step `third`" in writing.told.warnings[-1]


def test_a_longer_front_matter_moves_warnings(writing: Writing) -> None:
    page = PAGE + "\n    ```console\n    $ false; true\n    ```\n\n    ```bash\n    true\n    ```\n"
    writing.save(page)
    assert "docs/page.md:21: `false` ended" in writing.told.warnings[-1]
    writing.save(page.replace("    machine", "    title: A page\n    machine").replace("    true\n", "    :\n"))
    assert "docs/page.md:22: `false` ended" in writing.told.warnings[-1]
    assert "1 run in" in writing.told.infos[-1]


def test_blocks_that_look_like_steps_are_named_on_saving(writing: Writing) -> None:
    writing.save(PAGE + "\n    ```pycon\n    >>> 1\n    ```\n")
    assert "docs/page.md: 1 fence looks like a step and isn't run: line 20 pycon" in writing.told.warnings[0]


def test_only_what_was_saved_is_checked(writing: Writing) -> None:
    assert writing.save(PAGE, "other.md")
    assert writing.record() is None


def test_an_included_file_is_part_of_its_page(writing: Writing) -> None:
    writing.build.write("docs/step.sh", "echo one\n")
    text = '---\nmachine: plain\n---\n\n```bash\n--8<-- "docs/step.sh"\n```\n'
    assert writing.save(text) == {"step-1": "one\n"}
    writing.build.write("docs/step.sh", "echo two!\n")
    writing.look()
    assert writing.outputs() == {"step-1": "two!\n"}


def test_an_unreadable_page_is_reported_and_can_be_fixed(writing: Writing) -> None:
    writing.save(PAGE.replace("machine: plain", "machine: plan"))
    assert "unknown machine `plan`" in writing.told.warnings[-1]
    assert writing.save(PAGE)


def test_a_step_of_an_older_text_is_ended(writing: Writing) -> None:
    writing.build.page(PAGE.replace('echo "$greeting"', "sleep 3000"))
    writing.live.look(writing.build.read())
    writing.wait_for("third")
    assert writing.save(PAGE)["third"].endswith("hello\n")


def test_a_lost_session_is_replaced(writing: Writing) -> None:
    writing.save(PAGE + "\n")
    deadline = time.monotonic() + 60
    # A third one may still tell which packages the image has.
    while len(ours := containers_of_this_process(writing.engine)) != 2:
        assert time.monotonic() < deadline, ours
        time.sleep(0.1)
    writing.engine.call("rm", "--force", *ours)
    writing.save(PAGE.replace('"$greeting"', '"$greeting again"'))
    assert writing.outputs()["third"].endswith("hello again\n")


def test_live_mode_can_end_during_a_step(writing: Writing) -> None:
    writing.build.page(PAGE.replace('echo "$greeting"', "sleep 3000"))
    writing.live.look(writing.build.read())
    writing.wait_for("third")
    writing.live.close()
    assert writing.record() is None
    assert not [thread for thread in threading.enumerate() if thread.name == "fencepost-live"]
