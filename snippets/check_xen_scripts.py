"""Find what each of Xen's hotplug scripts sources or calls, and look whether it is there."""

import re
import shutil
import subprocess
from pathlib import Path

# Commands that only one kind of disk or network needs, and the package that has each.
PACKAGES = {
    "arptables": "arptables", "brctl": "bridge-utils", "drbdadm": "drbd-utils",
    "drbdsetup": "drbd-utils", "ifconfig": "net-tools", "ip6tables": "iptables",
    "iptables": "iptables", "iscsiadm": "open-iscsi", "modprobe": "kmod",
    "multipath": "multipath-tools", "nbd-client": "nbd-client",
    "ovs-vsctl": "openvswitch-switch", "rmmod": "kmod", "systemd-notify": "systemd",
}  # fmt: skip

# What is text in a script, not code: here-documents, 'texts', sums, case labels, "sentences".
NOISE = re.compile(
    r"""<<(\w+)\n.*?\n\1\n | '[^']*' | \(\([^\n]*?\)\) | ^[^()\n]*\)$
    | (?<=[\s=(]) "(?=[^"]*\s) (?:\\. | \$(?!\() | [^"`$\\])* " (?=[\s;)])""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
# The first word of a command, and the dot before it where the command is ". file".
COMMAND = re.compile(
    r"""(?:^ | [;|`(] | (?<![<>])&) [ \t]*
    (?:(?:! | if | elif | while | then | else | do | exec | do_or_die | do_without_error)\ +)*
    (\.\ )? "? ([A-Za-z/$][\w/${}.-]*) "? (?=[\s;)`] | $)""",
    re.MULTILINE | re.VERBOSE,
)


def bash(program: str, *arguments: object) -> str:
    """What a bash program prints."""
    command = ["bash", "-c", program, "bash", *map(str, arguments)]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def in_archive(package: str) -> bool:
    """Whether apt knows a version of the package."""
    return bash('apt-cache show "$1" 2>&1 || true', package).startswith("Package:")


def references(script: Path) -> set[tuple[str, str]]:
    """The first word of each command in a script, and whether it is 'sourced' or 'called'."""
    # Inside a function bash parses the script and prints it in one tidy form, without running it.
    printed = bash('eval "f() {\n$(<"$1")\n}"; declare -f f', script)
    body = NOISE.sub("", printed.partition("{")[2])
    return {("sourced" if dot else "called", word) for dot, word in COMMAND.findall(body)}


def check(folder: Path) -> dict[str, list[str]]:
    """Every reference of the scripts in a folder, sorted by where it leads."""
    scripts = {path: path.read_text() for path in sorted(folder.iterdir())}
    everything = "\n".join(scripts.values())
    inside = set(bash("compgen -A builtin; compgen -A keyword").split())
    inside |= set(re.findall(r"^\s*(?:function )?(\w+) ?\(\)", everything, re.MULTILINE))
    paths = dict(re.findall(r'^(\w+)="(/.*)"$', everything, re.MULTILINE))  # hotplugpath.sh's
    paths["dir"] = str(folder)

    result = {"here": [], "in another package": [], "decided at run time": [], "missing": []}
    for script, text in scripts.items():
        for how, word in sorted(references(script)):
            if how == "called" and word in inside:
                continue
            name = re.sub(r"\$\{?(\w+)\}?", lambda found: paths.get(found[1], found[0]), word)
            if "$" in name or f"test -f {name} &&" in text:
                where = "decided at run time"
            elif Path(name).is_file() if how == "sourced" else shutil.which(name):
                where = "here"
            elif name in PACKAGES and in_archive(PACKAGES[name]):
                where = "in another package"
            else:
                where = "missing"
            result[where].append(f"{script.name}: {how} {name}")
    return result
