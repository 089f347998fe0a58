"""A strict filter of system calls, made from an engine's own.

The engine's own may let any process make a user namespace, in which it is root and may mount: a wide door into the
kernel that no page needs.
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


@cache
def strict_profile(paths: tuple[Path, ...]) -> str:
    """Where the strict form of the first of some profiles that can be read is kept; empty where none can.

    Raises:
        EngineError: when it can't be written down.
    """
    for path in paths:
        try:
            default = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            continue
        text = json.dumps(strict(default)).encode()
        # A file for each version of the default, so that no check takes away what another is just using.
        kept = cache_folder() / f"seccomp-{hashlib.sha256(text).hexdigest()[:16]}.json"
        if not kept.is_file():
            with write_errors(kept):
                write_whole(kept, text)
        return str(kept)
    return ""


def strict(profile: dict[str, Any]) -> dict[str, Any]:
    """A profile, as the engines read them, that refuses what no page needs and leaves the rest as it is."""
    taken_out = {*_REFUSED, "clone", "clone3"}
    rules = [
        {**rule, "names": names}
        for rule in profile["syscalls"]
        if (names := [name for name in rule["names"] if name not in taken_out])
    ]
    argument = {"index": 0, "value": _ANY_NAMESPACE, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}
    rules += [
        {"names": list(_REFUSED), "action": "SCMP_ACT_ERRNO", "errnoRet": _EPERM},
        {"names": ["clone"], "action": "SCMP_ACT_ALLOW", "args": [argument]},
        # Its flags lie in memory, where a filter can't look; programs then use clone.
        {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": _ENOSYS},
    ]
    return {**profile, "syscalls": rules}
