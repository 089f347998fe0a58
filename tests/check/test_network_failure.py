"""A failing network is not blamed on a step, nor a failing step on the network."""

from __future__ import annotations

import pytest

from fencepost.check.network_failure import network_failure

NETWORK = [
    "Err:1 http://mirror.invalid trixie InRelease\n  Temporary failure resolving 'mirror.invalid'\n",
    "W: Failed to fetch http://mirror.invalid/dists/trixie/InRelease  Could not connect to mirror.invalid:80\n",
    "E: Failed to fetch http://mirror.invalid/pool/main/x/xen/xen_4.deb  404  Not Found [IP: 192.0.2.1 80]\n",
    "E: Failed to fetch http://mirror.invalid/pool/main/x/xen/xen_4.deb  503  Service Unavailable [IP: 192.0.2.1 80]\n",
    "E: Failed to fetch http://mirror.invalid/x.deb  Hash Sum mismatch\n",
    "E: Couldn't download packages: libsystemd0 perl-base\n",
    "E: Failed getting release file http://mirror.invalid/debian/dists/testing/Release\n",
    "E: Couldn't download http://mirror.invalid/debian/dists/testing/main/binary-amd64/Packages\n",
    "curl: (6) Could not resolve host: mirror.invalid\n",
    "curl: (28) Operation timed out after 5000 milliseconds\n",
    "wget: unable to resolve host address 'mirror.invalid'\n",
    "fatal: unable to access 'https://mirror.invalid/': Could not resolve host: mirror.invalid\n",
    "socket.gaierror: [Errno -3] Temporary failure in name resolution\n",
]
STEP = [
    "E: Unable to correct problems, you have held broken packages.\n",
    "E: Unable to locate package xend\n",
    "E: Cannot install into target '/srv/testing' mounted with noexec or nodev\n",
    "curl: (22) The requested URL returned error: 404\n",
    "curl: (3) URL using bad/illegal format or missing URL\n",
    "error: Failed to connect socket to '/var/run/libvirt/libvirt-sock': Connection refused\n",
    # What a page talks to on its own machine is no network.
    "curl: (7) Failed to connect to localhost port 8080 after 0 ms: Couldn't connect to server\n",
    "curl: (28) Failed to connect to 127.0.1.1 port 80 after 130000 ms: Couldn't connect to server\n",
    "curl: (7) Failed to connect to ::1 port 80: Connection refused\n",
    "Unable to connect to the server: dial tcp 10.96.0.1:443: connect: connection refused\n",
    "ls: cannot access '/nowhere': No such file or directory\n",
    "",
]


@pytest.mark.parametrize("output", NETWORK)
def test_network_failures_are_recognised(output: str) -> None:
    trouble = network_failure(f"Reading package lists...\n{output}more\n")
    assert trouble
    assert trouble in [line.strip() for line in output.splitlines()]


def test_network_failures_behind_other_messages() -> None:
    trouble = "curl: (6) Could not resolve host: example.org"
    assert network_failure(f"curl: (7) Failed to connect to localhost port 80\n{trouble}\n") == trouble


@pytest.mark.parametrize("output", STEP)
def test_other_failures_are_not_blamed_on_the_network(output: str) -> None:
    assert network_failure(output) == ""
