"""Distinguishes failures of the network from those of a step: a mirror that is down proves nothing about a page."""

from __future__ import annotations

import re

# Messages of apt, debootstrap, curl, wget, git and Python when a host doesn't answer, and of apt when the mirror has
# changed since the machine's package lists were fetched. A wrong address that does answer (curl's 404) is the step's
# own failure.
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
# Addresses of services that the page itself has started.
_OWN_MACHINE = re.compile(r"(?<![\w.-])(?:localhost|127(?:\.\d+){3}|0\.0\.0\.0|::1)(?![\w.])")


def network_failure(output: str) -> str:
    """Return the first line of a step's output that reports a failure of the network; empty if there is none.

    Only meaningful for a step with an exit status other than 0, on a page with `network: true`.
    """
    for match in _SIGNS.finditer(output):
        start = output.rfind("\n", 0, match.start()) + 1
        end = output.find("\n", match.end())
        line = output[start : end if end >= 0 else None].strip()
        if not _OWN_MACHINE.search(line):
            return line
    return ""
