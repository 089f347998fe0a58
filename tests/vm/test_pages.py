"""Pages on a virtual machine: the same verdicts as elsewhere, and a machine for each."""

from __future__ import annotations

import contextlib
import time

import pytest

from fencepost.errors import EngineError
from fencepost.machine.engine import Engine
from fencepost.machine.fleet import Fleet
from fencepost.machine.ownership_labels import remove_own
from fencepost.session.page_session import PageSession
from fencepost.session.python import PythonSession, Surroundings
from tests.helpers.checking import Story, check, left_behind, records_of, steps_of
from tests.helpers.site_builder import SiteBuilder
from tests.vm.vm_site import sample

pytestmark = [pytest.mark.vm, pytest.mark.timeout(900)]


def test_a_page_is_alone(vm: SiteBuilder, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_HOST", "1")
    monkeypatch.setenv("https_proxy", "http://proxy.invalid:1")
    now = str(int(time.time()))
    sample(vm, "alone", SITE_FOLDER=str(vm.folder), NOW=now)
    # The same steps once more: what one page writes, the other, side by side with it, doesn't see.
    vm.write("docs/alone-too.md", (vm.folder / "docs" / "alone.md").read_text("utf-8"))
    records = check(vm, engine, jobs=2)
    assert len(records) == 2
    for record in records:
        steps = steps_of(record)
        assert {
            name: (str(step.verdict), step.output) for name, step in steps.items() if step.verdict != "passed"
        } == {}
        assert record.accelerator in {"kvm", "tcg"}
        assert record.engine == f"{engine.name} {engine.version}"
    assert left_behind(engine) == []


def test_a_page_gets_the_verdicts_that_it_gets_in_a_container(vm: SiteBuilder, podman: Engine) -> None:
    sample(vm, "as-in-a-container")
    (record,) = check(vm, podman)
    steps = steps_of(record)
    assert {name: str(step.verdict) for name, step in steps.items()} == {
        **dict.fromkeys(("state", "transcript", "python", "file", "both", "afterwards"), "passed"),
        "broken": "known-broken",
        "failure": "failed",
        "behind": "blocked",
    }
    failure = steps["failure"].failure
    assert failure and (failure.file, failure.line, failure.command) == ("docs/as-in-a-container.md", 42, "false")
    assert steps["failure"].output == "before\n"
    assert steps["python"].output == "/tmp 5\n"


def test_a_hanging_step_is_ended_and_services_are_not(vm: SiteBuilder, podman: Engine) -> None:
    sample(vm, "hangs")
    (record,) = check(vm, podman)
    steps = steps_of(record)
    assert {name: str(step.verdict) for name, step in steps.items()} == {
        "service": "passed",
        "hangs": "timed-out",
        "services-keep-on": "passed",
        "loses-its-network": "passed",
        "and-goes-on": "passed",
        "fills-its-disk": "passed",
        "and-still-goes-on": "passed",
        "prints-a-flood": "failed",
        "and-goes-on-yet": "passed",
    }
    assert "No space left on device" in steps["fills-its-disk"].output
    assert steps["prints-a-flood"].reason == "printed more than 1 MiB"
    assert left_behind(podman) == []


def test_a_new_python_is_the_only_reader_of_its_channel(vm: SiteBuilder, podman: Engine) -> None:
    site = vm.read()
    fleet = Fleet(podman, site.settings)
    definition = site.machines["vm"]
    with contextlib.closing(fleet):
        machine = fleet.open(definition, fleet.image(definition), network=False)
        with contextlib.closing(machine):
            session = PageSession(machine, 1 << 20)
            session.start()
            for _ in range(5):
                # The one before is killed, and nobody hangs up on it: its client may take a while to notice.
                python = PythonSession(machine.open_python(), 1 << 20)
                assert python.start(Surroundings("/", {})) is None
                machine.kill_processes()


def test_a_page_with_a_network_has_one(vm: SiteBuilder, podman: Engine) -> None:
    vm.page("""
        ---
        machine: vm
        network: true
        ---

        ```console { #address }
        $ ip -brief -4 address show up | grep -v '^lo'
        ... UP ... 10.0.2.15/24...
        $ ip route show default
        default via 10.0.2.2 dev ...
        ```
    """)
    (record,) = check(vm, podman)
    assert (record.verdict, record.network) == ("passed", True)


def test_a_machine_that_goes_down_shows_its_last_lines(vm: SiteBuilder, podman: Engine) -> None:
    sample(vm, "goes-down")
    (record,) = check(vm, podman)
    steps = steps_of(record)
    assert {name: str(step.verdict) for name, step in steps.items()} == {
        "before": "passed",
        "goes-down": "error",
        "behind": "blocked",
    }
    told = steps["goes-down"].reason or ""
    assert told.startswith("the machine went away during this step; its console's last lines:\n")
    assert "Kernel panic - not syncing: sysrq triggered crash" in told
    # An error says nothing about the page.
    assert records_of(vm) == []
    assert left_behind(podman) == []


def test_a_machine_that_is_taken_away(vm: SiteBuilder, podman: Engine) -> None:
    vm.page("---\nmachine: vm\n---\n\n```bash { #one }\ntrue\n```\n\n```bash { #two }\nsleep 60\n```\n")

    def take_away(step: str) -> None:
        if step == "two":
            remove_own(podman)

    (record,) = check(vm, podman, Story(when_a_step_begins=take_away))
    assert {name: str(step.verdict) for name, step in steps_of(record).items()} == {"one": "passed", "two": "error"}
    assert left_behind(podman) == []


def test_an_unchanged_page_runs_no_machine(vm: SiteBuilder, podman: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    vm.page("---\nmachine: vm\n---\n\n```bash\ntrue\n```\n")
    assert check(vm, podman)[0].verdict == "passed"

    def refuse(*_: object, **__: object) -> None:
        raise EngineError("nothing is to be started")

    monkeypatch.setattr("fencepost.machine.vm.vm_provider.provide_saved", refuse)
    story = Story()
    check(vm, podman, story)
    assert story.told == ["docs/page.md on vm holds: passed"]
