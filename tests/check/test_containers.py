"""Pages in containers: limits, what they can't reach, and that nothing of them is left."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from fencepost.errors import ManyErrors, SiteError
from fencepost.machine.container_machine import CAPABILITIES
from fencepost.machine.engine import Engine
from fencepost.machine.image import provide_image
from fencepost.machine.making import Making
from fencepost.machine.ownership_labels import LABEL, owner, remove_containers, remove_left_behind
from tests.helpers.checking import Story, check, containers_of_this_process, left_behind, records_of, steps_of
from tests.helpers.site_builder import SiteBuilder

PAGES = Path(__file__).parent / "containers"
_NUMBERS = {
    "CHOWN": 0,
    "DAC_OVERRIDE": 1,
    "FOWNER": 3,
    "FSETID": 4,
    "KILL": 5,
    "SETGID": 6,
    "SETUID": 7,
    "NET_BIND_SERVICE": 10,
    "SYS_CHROOT": 18,
}


@pytest.fixture
def plain(build: SiteBuilder) -> SiteBuilder:
    """A site whose machine can be built."""
    build.real_machine("plain")
    return build


def sample(build: SiteBuilder, name: str, **replaced: str) -> None:
    text = (PAGES / f"{name}.md").read_text("utf-8")
    for old, new in replaced.items():
        text = text.replace(old, new)
    build.write(f"docs/{name}.md", text)


def assert_all_passed(steps: dict[str, object]) -> None:
    assert {name: str(step.verdict) for name, step in steps.items()} == dict.fromkeys(steps, "passed")


def test_a_page_is_alone(plain: SiteBuilder, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_HOST", "1")
    monkeypatch.setenv("https_proxy", "http://proxy.invalid:1")
    mask = sum(1 << _NUMBERS[name] for name in CAPABILITIES)
    sample(plain, "isolated", SITE_FOLDER=str(plain.folder), CAPABILITIES=f"{mask:016x}")
    (record,) = check(plain, engine)
    assert_all_passed(steps_of(record))
    assert record.engine == f"{engine.name} {engine.version}"
    assert record.image.startswith("sha256:")
    assert left_behind(engine) == []


def test_a_page_with_a_network_has_one(plain: SiteBuilder, engine: Engine) -> None:
    steps = '[ "$(ls /sys/class/net | wc -l)" -gt 1 ]\ngrep -q "^options.*attempts:5" /etc/resolv.conf\n'
    plain.page(f"---\nmachine: plain\nnetwork: true\n---\n\n```bash\n{steps}```\n")
    (record,) = check(plain, engine)
    assert record.verdict == "passed"
    assert record.network


def test_a_hostile_page_harms_nobody(plain: SiteBuilder, engine: Engine) -> None:
    sample(plain, "hostile")
    sample(plain, "fork-bomb")
    plain.page("---\nmachine: plain\n---\n\n```bash\nsleep 3; echo fine\n```\n", "neighbour.md")
    plain.write("fencepost.toml", 'output-limit = 1\nmemory = "256m"\nprocesses = 64\n')
    bomb, hostile, neighbour = check(plain, engine, jobs=3)
    assert neighbour.verdict == "passed"

    steps = steps_of(hostile)
    assert (steps["kill-everything"].verdict, steps["kill-everything"].exit) == ("failed", 137)
    assert steps["kill-everything"].output == "before\n"
    assert steps["kill-the-parent"].verdict == "passed"
    assert (steps["flood"].verdict, steps["flood"].reason) == ("failed", "printed more than 1 MiB")
    assert steps["flood"].truncated
    assert steps["memory-hog"].verdict == "failed"
    assert steps["afterwards"].verdict == "passed"

    steps = steps_of(bomb)
    assert steps["fork-bomb"].verdict == "timed-out"
    assert bomb.verdict == "timed-out"
    # Where not even the engine can get in any more, the machine is removed.
    assert (steps["tidy"].verdict, steps["tidy"].reason) in {
        ("passed", None),
        ("blocked", "step `fork-bomb` left no machine to run on"),
    }
    assert left_behind(engine) == []


def test_memory_and_processes_are_limited(plain: SiteBuilder, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(plain.folder)
    before = sorted(plain.folder.iterdir())
    plain.page("""
        ---
        machine: plain
        ---

        ```bash { #memory }
        (tail /dev/zero) || [ $? = 137 ]
        ```

        ```bash { #processes }
        for number in $(seq 100); do sleep 9 & done 2>&1 | grep -m 1 'Resource temporarily unavailable'
        ```
    """)
    plain.write("fencepost.toml", 'memory = "128m"\nprocesses = 32\n')
    (record,) = check(plain, engine)
    assert steps_of(record)["memory"].verdict == "passed"
    # bash, refused a process, tries again for a while, and then gives up: both are as they should be.
    assert steps_of(record)["processes"].verdict in {"passed", "failed", "timed-out"}
    assert "Resource temporarily unavailable" in steps_of(record)["processes"].output
    # Nothing but the settings and the records, not even of the engine's own.
    assert {path.name for path in set(plain.folder.iterdir()) - set(before)} == {"fencepost.toml", ".fencepost"}


def test_a_machine_that_dies_is_an_error_not_a_failed_step(plain: SiteBuilder, engine: Engine) -> None:
    plain.page("""
        ---
        machine: plain
        ---

        ```bash { #first }
        true
        ```

        ```bash { #long .known-broken reason="so" }
        sleep 60
        ```

        ```bash { #last .always }
        true
        ```
    """)

    def take_away(step: str) -> None:
        if step == "long":
            threading.Timer(0.3, lambda: remove_containers(engine, containers_of_this_process(engine))).start()

    (record,) = check(plain, engine, Story(when_a_step_begins=take_away))
    steps = steps_of(record)
    assert [steps[name].verdict for name in ("first", "long", "last")] == ["passed", "error", "blocked"]
    assert steps["long"].reason == "the machine went away during this step"
    assert record.verdict == "error"
    assert records_of(plain) == []
    assert left_behind(engine) == []


@pytest.mark.parametrize(
    ("containerfile", "says"),
    [
        ("FROM debian:12\nRUN rm /bin/bash\n", "can't start bash (exit status 127)\n  install bash in the machine's"),
        ("FROM scratch\nCOPY Containerfile /\n", "gave no sign of life when bash was started"),
    ],
    ids=["no bash", "nothing at all"],
)
def test_a_machine_that_cannot_start_is_an_error(
    build: SiteBuilder, engine: Engine, containerfile: str, says: str
) -> None:
    build.machine("plain", containerfile)
    build.page("---\nmachine: plain\n---\n\n```bash\ntrue\n```\n")
    (record,) = check(build, engine)
    assert record.verdict == "error"
    assert says in (record.snippets[0].reason or "")
    assert left_behind(engine) == []


def test_a_machine_without_python(plain: SiteBuilder, engine: Engine) -> None:
    plain.page("---\nmachine: plain\n---\n\n```bash\ntrue\n```\n\n```python\nprint(1)\n```\n")
    (record,) = check(plain, engine)
    assert [step.verdict for step in record.snippets] == ["passed", "error"]
    assert "install python3 in the machine's Containerfile" in (record.snippets[1].reason or "")


def test_python_on_a_machine(build: SiteBuilder, engine: Engine) -> None:
    build.real_machine("python")
    build.page("""
        ---
        machine: python
        ---

        ```bash
        cd /tmp; export name=chef
        ```

        ```python
        import os
        print(os.getcwd(), os.environ["name"], os.getuid(), os.listdir("/sys/class/net"))
        os.environ["name"] = "cook"
        ```

        ```bash
        echo $name
        ```

        ```python { #kills-everything }
        os.system("kill -9 -1")
        ```

        ```python { #afterwards .always }
        print("a new one")
        ```
    """)
    (record,) = check(build, engine)
    assert [step.verdict for step in record.snippets] == ["passed", "passed", "passed", "failed", "passed"]
    assert [step.output for step in record.snippets[1:3]] == ["/tmp chef 0 ['lo']\n", "cook\n"]
    assert (record.snippets[3].reason or "").startswith("ended its Python")
    assert record.snippets[4].output == "a new one\n"


def test_each_page_has_a_machine_of_its_own(plain: SiteBuilder, engine: Engine) -> None:
    for name in ("one.md", "two.md", "three.md"):
        plain.page("---\nmachine: plain\n---\n\n```bash\n[ ! -e /trace ]; touch /trace\n```\n", name)
    records = check(plain, engine, jobs=2)
    assert [record.verdict for record in records] == ["passed"] * 3


def test_a_page_is_not_run_again_while_nothing_has_changed(plain: SiteBuilder, engine: Engine) -> None:
    page = "---\nmachine: plain\n---\n\n```bash\ntrue\n```\n"
    plain.page(page)
    (first,) = check(plain, engine)
    story = Story()
    assert check(plain, engine, story) == [first.in_short()]
    assert story.told == ["docs/page.md on plain holds: passed"]
    story = Story()
    check(plain, engine, story, fresh=True)
    assert story.told[0] == "docs/page.md on plain begins: asked for"
    plain.page(page.replace("true", "echo changed"))
    story = Story()
    check(plain, engine, story)
    assert story.told == [
        "docs/page.md on plain begins: its steps changed",
        "docs/page.md on plain: step-1 passed",
        "docs/page.md on plain ends: passed",
    ]


def test_an_interruption_leaves_nothing(plain: SiteBuilder, engine: Engine) -> None:
    for name in ("one.md", "two.md", "three.md"):
        plain.page("---\nmachine: plain\n---\n\n```bash\ntrue\n```\n\n```bash\nsleep 60\n```\n", name)

    def interrupt(step: str) -> None:
        if step == "step-2":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check(plain, engine, Story(when_a_step_begins=interrupt), jobs=2)
    assert left_behind(engine) == []
    assert records_of(plain) == []


def test_only_leftovers_of_dead_checks_are_removed(plain: SiteBuilder, engine: Engine) -> None:
    definition = plain.read().machines["plain"]
    image = provide_image(engine, definition, Making(may_pull=False))
    # Checks in other tests, which run beside this one, sweep too: they may be quicker, and that is as good.
    here = f"fencepost-test-{os.getpid()}"
    place = "-".join(owner().split("-")[2:])
    names = {f"{here}-dead": f"4194399-1-{place}", f"{here}-reused": f"1-1-{place}", f"{here}-alive": owner()}
    try:
        for name, whose in names.items():
            flags = ["--detach", "--rm", "--name", name, "--label", f"{LABEL}={whose}", "--network", "none"]
            engine.call("run", *flags, *engine.run_options, image.id, "sleep", "600", check=False)
        remove_left_behind(engine)
        left = engine.call("ps", "--all", "--format", "{{.Names}}").stdout.split()
        assert [name for name in left if name.startswith(here)] == [f"{here}-alive"]
        assert len(containers_of_this_process(engine)) == 1
    finally:
        remove_containers(engine, list(names))


def test_errors_are_reported_before_anything_runs(plain: SiteBuilder, engine: Engine) -> None:
    plain.page("---\nmachine: plain\n---\n\n```console\nno prompt\n```\n")
    with pytest.raises(ManyErrors, match=r"docs/page.md:6: a console fence starts with a prompt"):
        check(plain, engine)
    plain.page("---\nmachine: plain\n---\n\n```console\n$ true\n```\n")
    with pytest.raises(SiteError, match=r"unknown machine `plane`\n  did you mean `plain`"):
        check(plain, engine, machines=("plane",))
    assert left_behind(engine) == []
