"""Tells the network's failures from the step's: a mirror that is down proves nothing about a post."""

from __future__ import annotations

import re

# What apt, debootstrap, curl, wget, git and Python say when nobody answers, and apt when the mirror has moved on since
# the machine's package lists were fetched. A wrong address that does answer (curl's 404) stays the step's own failure.
_SIGNS = re.compile(
    r"Temporary failure (?:in name resolution|resolving)"
    r"|Could not (?:resolve host|connect to|resolve proxy)"
    r"|Unable to connect to \S+:\S+:"
    r"|Connection (?:timed out|refused|reset by peer|failed)(?=.*\[IP:)"
    r"|E: Failed to fetch \S+ +(?:404|5\d\d) "
    r"|E: (?:Couldn't download|Failed getting release(?: signature)? file) "
    r"|curl: \((?:5|6|7|28|35|52|56)\)"
    r"|wget: unable to resolve host address"
    r"|Release file for \S+ is (?:expired|not valid yet)"
    r"|Hash Sum mismatch"
)
# There a service doesn't answer that the page itself has started.
_OWN_MACHINE = re.compile(r"(?<![\w.-])(?:localhost|127(?:\.\d+){3}|0\.0\.0\.0|::1)(?![\w.])")


def network_failure(output: str) -> str:
    """The first line of a step's output that tells of the network failing, or nothing.

    Only to be asked for a step with an exit status other than 0, on a page with `network: true`.
    """
    for match in _SIGNS.finditer(output):
        start = output.rfind("\n", 0, match.start()) + 1
        end = output.find("\n", match.end())
        line = output[start : end if end >= 0 else None].strip()
        if not _OWN_MACHINE.search(line):
            return line
    return ""
