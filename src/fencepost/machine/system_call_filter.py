"""A strict filter of system calls, made from an engine's own.

An engine's own filter may let any process make a user namespace, in which it is root and may mount. That opens much of
the kernel to attacks, and no page needs it.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from fencepost.machine.cache import cache_folder, write_errors
from fencepost.whole_files import write_whole

_REFUSED = (
    *("unshare", "setns", "mount", "umount", "umount2", "pivot_root", "mount_setattr", "move_mount", "open_tree"),
    *("fsopen", "fsconfig", "fsmount", "fspick", "name_to_handle_at", "keyctl", "add_key", "request_key", "syslog"),
    *("vhangup", "sethostname", "setdomainname", "fanotify_init", "io_uring_setup"),
)
_EPERM, _ENOSYS = 1, 38
# CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET of <linux/sched.h>.
_ANY_NAMESPACE = 0x7E020000


def strict_profile(paths: tuple[Path, ...]) -> str:
    """Write the strict form of the first profile that can be read, and return its path; empty if none can be read.

    Raises:
        EngineError: when it can't be written.
    """
    return _strict_profile_in(cache_folder(), paths)


@cache
def _strict_profile_in(folder: Path, paths: tuple[Path, ...]) -> str:
    for path in paths:
        try:
            default = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            continue
        text = json.dumps(strict(default)).encode()
        # A file for each version of the default, so that checks can use different versions at the same time.
        kept = folder / f"seccomp-{hashlib.sha256(text).hexdigest()[:16]}.json"
        if not kept.is_file():
            with write_errors(kept):
                write_whole(kept, text)
        return str(kept)
    return ""


def strict(profile: dict[str, Any]) -> dict[str, Any]:
    """Return a profile, in the engines' format, that also refuses the system calls that no page needs."""
    replaced = {*_REFUSED, "clone", "clone3"}
    rules = [
        {**rule, "names": names}
        for rule in profile["syscalls"]
        if (names := [name for name in rule["names"] if name not in replaced])
    ]
    argument = {"index": 0, "value": _ANY_NAMESPACE, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}
    rules += [
        {"names": list(_REFUSED), "action": "SCMP_ACT_ERRNO", "errnoRet": _EPERM},
        {"names": ["clone"], "action": "SCMP_ACT_ALLOW", "args": [argument]},
        # Its flags lie in memory, which a filter can't read; programs fall back to clone.
        {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": _ENOSYS},
    ]
    return {**profile, "syscalls": rules}
