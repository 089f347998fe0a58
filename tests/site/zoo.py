"""A site with one of everything that readers may see."""

from __future__ import annotations

from datetime import timedelta
from textwrap import dedent
from typing import Any

from fencepost.record.model import FailureRecord
from fencepost.verdicts import Verdict
from tests.helpers.site_builder import MARKDOWN
from tests.site.recorded_site import AT, RecordedSite, failed, mkdocs_build

EVERYTHING = dedent(
    """\
    ---
    machine: [debian-12, debian-13]
    ---
    # One of everything

    Some prose.

    ```bash { #passed title="A step with output" }
    ls /etc
    ```

    ```console { #console title="A transcript" }
    $ echo a
    a
    $ for number in 1 2; do
    >     echo $number
    > done
    ...
    [12] (re)
    ```

    ```bash { #annotated .annotate }
    echo one  # (1)!
    ```

    1.  A note on it.

    ```bash { #silent }
    true
    ```

    ```ini { file="/etc/xen/chef.cfg" #file }
    name = "chef-server"
    ```

    ```bash { #expected exit=100 }
    apt-get install libvirt-bin
    ```

    ```bash { #broken .known-broken reason="xend is gone since Xen 4.5" }
    xend start
    ```

    === "Debian 12"

        ```bash { #only only="debian-12" }
        apt-cache policy xen-tools
        ```

    === "Debian 13"

        Nothing.

    ```python { #nasty title="What a page must not believe" }
    print("hello")
    ```

    ```bash { #changed }
    echo new
    ```

    ```bash { #new }
    echo new
    ```
    """
)

FAILING = dedent(
    """\
    ---
    machine: {machine}
    ---
    # A page that fails

    ```console {{ #refused title="apt refuses it" }}
    $ apt-get install xen-utils-4.1
    E: Unable to correct problems
    [100]
    ```

    ```bash {{ #after }}
    echo after
    ```
    """
)

SIMPLE = "---\nmachine: {machine}\n---\n# {title}\n\n```bash {{ #a-step }}\necho hello\n```\n"

NASTY = (
    "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'>\n"
    "</samp></pre></details></div><script>window.hacked = 3</script>\n"
    "\x1b[1;31mred\x1b[0m and \x1b]0;title\x07 and 10%\r100%\n"
    "a line of ten thousand columns: " + "x" * 10_000 + "\n" + "".join(f"line {number}\n" for number in range(200))
)


def fill(site: RecordedSite) -> None:
    """Fills a site, records it and builds it into `built/`."""
    site.build.configure(
        {**MARKDOWN, "fencepost": {}},
        theme={
            "name": "material",
            "font": False,
            "features": ["content.code.copy", "content.code.annotate"],
            "palette": [
                {"media": "(prefers-color-scheme: light)", "scheme": "default"},
                {"media": "(prefers-color-scheme: dark)", "scheme": "slate"},
            ],
        },
        plugins=["search", "fencepost"],
    )
    site.build.write("docs/index.md", "# What still works\n\n<!-- fencepost: what still works -->\n")
    _everything(site)
    _failing(site)
    _simple(site)
    mkdocs_build(site.build.folder)


def _everything(site: RecordedSite) -> None:
    before, _, _ = EVERYTHING.replace("#changed }\necho new", "#changed }\necho old").rpartition("```bash { #new }")
    site.build.write("docs/everything.md", before)
    common: dict[str, dict[str, Any]] = {
        "passed": {"output": "adduser.conf\nalternatives\napt\n"},
        "console": {"output": "$ echo a\na\n$ for number in 1 2; do\n>     echo $number\n> done\n1\n2\n"},
        "expected": {"exit": 100, "output": "E: Package 'libvirt-bin' has no installation candidate\n"},
        "broken": {"verdict": Verdict.KNOWN_BROKEN, "reason": "xend is gone since Xen 4.5", "output": "not found\n"},
        "nasty": {"output": NASTY},
    }
    site.ran("debian-12", {**common, "passed": {"output": "adduser.conf\n"}}, name="everything.md")
    site.ran("debian-13", common, name="everything.md")
    site.build.write("docs/everything.md", EVERYTHING)


def _failing(site: RecordedSite) -> None:
    expected, actual = "E: Unable to correct problems", "E: Unable to locate package xen-utils-4.1"
    failure = FailureRecord(
        file="docs/failing.md", line=8, command="apt-get install xen-utils-4.1", expected=expected, actual=actual
    )
    steps = {
        "refused": failed(failure=failure, reason="its output is not what the page shows", output=f"{actual}\n"),
        "after": {"verdict": Verdict.BLOCKED, "reason": "step `refused` failed before it"},
    }
    for name, machine in (("failing", "debian-13"), ("disagreeing", "[debian-12, debian-13]")):
        site.build.write(f"docs/{name}.md", FAILING.format(machine=machine))
        site.ran("debian-13", steps, name=f"{name}.md")
    site.ran("debian-12", name="disagreeing.md")


def _simple(site: RecordedSite) -> None:
    for name, title in (("good", "All is well"), ("needy", "A page that needs KVM"), ("new", "A new page")):
        site.build.write(f"docs/{name}.md", SIMPLE.format(machine="debian-13", title=title))
    needs = {"verdict": Verdict.SKIPPED, "reason": "needs KVM, which a container can't give"}
    site.ran(name="good.md", steps={"a-step": {"output": "hello\n"}})
    site.ran(name="needy.md", steps={"a-step": needs})
    site.build.write("docs/two-days.md", SIMPLE.format(machine="[debian-12, debian-13]", title="Verified on two days"))
    site.ran("debian-12", name="two-days.md", started=AT - timedelta(days=20))
    site.ran("debian-13", name="two-days.md")
