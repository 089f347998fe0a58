"""podman's filter of system calls, made stricter."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from fencepost.errors import EngineError
from fencepost.machine import system_call_filter
from fencepost.machine.engines import podman
from fencepost.machine.engines.podman import Podman
from fencepost.machine.system_call_filter import strict

PROFILE = {
    "defaultAction": "SCMP_ACT_ERRNO",
    "syscalls": [
        {"names": ["read", "clone", "mount"], "action": "SCMP_ACT_ALLOW"},
        {"names": ["unshare"], "action": "SCMP_ACT_ALLOW"},
        {"names": ["setns"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
    ],
}


def test_unneeded_system_calls_are_refused() -> None:
    rules = strict(PROFILE)["syscalls"]
    allowed = {name for rule in rules if rule["action"] == "SCMP_ACT_ALLOW" for name in rule["names"]}
    refused = {name for rule in rules if rule["action"] == "SCMP_ACT_ERRNO" for name in rule["names"]}
    assert allowed == {"read", "clone"}
    assert {"mount", "unshare", "setns", "clone3"} <= refused


def test_a_new_process_is_allowed_but_not_in_a_new_namespace() -> None:
    (clone,) = [rule for rule in strict(PROFILE)["syscalls"] if rule["names"] == ["clone"]]
    (argument,) = clone["args"]
    assert (argument["op"], argument["valueTwo"]) == ("SCMP_CMP_MASKED_EQ", 0)
    for flag in (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000):
        assert argument["value"] & flag


def test_the_rest_stays_as_it_was() -> None:
    before = {name: value for name, value in PROFILE.items() if name != "syscalls"}
    assert {name: value for name, value in strict(PROFILE).items() if name != "syscalls"} == before
    assert PROFILE["syscalls"][0] == {"names": ["read", "clone", "mount"], "action": "SCMP_ACT_ALLOW"}


def test_a_full_disk_is_an_error_that_a_check_copes_with(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / "seccomp.json").write_text(json.dumps(PROFILE))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(podman, "_FILTERS", (tmp_path / "seccomp.json",))
    monkeypatch.setattr(system_call_filter, "write_whole", full)
    with pytest.raises(EngineError, match="can't be written: No space left on device"):
        Podman("false", "0").filter_flags()


def test_another_cache_folder_gets_its_own_profile(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "seccomp.json").write_text(json.dumps(PROFILE))
    for name in ("one", "two"):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / name))
        written = Path(system_call_filter.strict_profile((tmp_path / "seccomp.json",)))
        assert written.is_file() and written.is_relative_to(tmp_path / name)
