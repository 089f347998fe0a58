"""Runs one QEMU: boots it and saves its state, or restores a copy for a page and connects the page's streams to it.

Fencepost doesn't import this file. Its text is passed to `python3 -c` in the emulator's container, with options as a
JSON argument. It needs only Python's standard library.

    boot    boot, wait until the machine is idle, save it; print progress as lines of JSON
    page    restore, and connect the standard streams to the shell's channel until they end
    join    in a second process of the same container: connect the standard streams to another channel
    order   likewise: run one command beside the page's session, and exit with its status
"""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import termios
import threading
import time
import tty
from pathlib import Path
from typing import Any, NoReturn

KEPT = 6000
SAVING_SECONDS = 300
ROUTE = "for n in $(seq 100); do grep -q '^[^[:space:]]*[[:space:]]00000000' /proc/net/route && exit; sleep 0.1; done"


class GoneError(Exception):
    """QEMU has ended, or the machine doesn't answer any more."""


class Computer:
    """A running QEMU, and its channels."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.sockets = options["sockets"]
        os.makedirs(self.sockets, exist_ok=True)
        listening = {name: listen(f"{self.sockets}/{name}") for name in [*options["channels"], "control", "qmp"]}
        paused = ["-S"] if options["mode"] == "boot" else ["-incoming", "defer"]
        self.qemu = subprocess.Popen(
            [*options["arguments"], *paused],
            stdin=subprocess.DEVNULL,
            # `last_words` returns QEMU's own messages after the console's.
            stdout=open(f"{self.sockets}/qemu.log", "wb"),
            stderr=subprocess.STDOUT,
        )
        self.console = options["console"]
        self.last_words_mark = options["last_words"].encode()
        self.channels: dict[str, socket.socket] = {}
        for name, server in listening.items():
            while not select.select([server], [], [], 0.05)[0]:
                if self.qemu.poll() is not None:
                    fail("QEMU doesn't start", self)
            self.channels[name] = server.accept()[0]
        self._lock = threading.Lock()
        self._replies = self.channels["qmp"].makefile("r")
        self._answers = self.channels["control"].makefile("r", errors="replace")
        self._replies.readline()
        self.qmp("qmp_capabilities")
        self.qmp("migrate-set-capabilities", capabilities=[{"capability": "x-ignore-shared", "state": True}])

    def qmp(self, command: str, **arguments: object) -> Any:
        """Send QEMU a command, and return its answer."""
        request = {"execute": command, "arguments": arguments}
        self.channels["qmp"].sendall(json.dumps(request).encode() + b"\n")
        for line in self._replies:
            answer = json.loads(line)
            if "error" in answer:
                raise GoneError(f"QEMU refuses {command}: {answer['error'].get('desc')}")
            if "return" in answer:
                return answer["return"]
        raise GoneError("QEMU has ended")

    def answer(self) -> str:
        """Return the next line from the machine's agent."""
        if not (line := self._answers.readline()):
            raise GoneError("the machine went down")
        return line.strip()

    def order(self, command: str, seconds: float) -> int:
        """Run a command beside the page's session, and return its exit status."""
        with self._lock:
            control = self.channels["control"]
            control.settimeout(seconds)
            try:
                control.sendall(command.encode() + b"\n")
                return int(self.answer())
            except (TimeoutError, ValueError) as error:
                raise GoneError(f"the machine didn't answer within {seconds} s") from error
            finally:
                control.settimeout(None)

    def restore(self, file: str) -> None:
        """Restore the saved state; the machine stays paused."""
        self.qmp("migrate-incoming", uri=f"file:{file}")
        while (status := self.qmp("query-status")["status"]) == "inmigrate":
            time.sleep(0.01)
        if self.qmp("query-migrate").get("status") == "failed" or status not in {"paused", "postmigrate", "prelaunch"}:
            raise GoneError(f"the saved state can't be restored: QEMU is {status}")

    def save(self, file: str) -> None:
        """Save its state."""
        self.qmp("stop")
        self.qmp("migrate", uri=f"file:{file}")
        deadline = time.monotonic() + SAVING_SECONDS
        while (status := self.qmp("query-migrate").get("status")) != "completed":
            if status in {"failed", "cancelled"} or time.monotonic() > deadline:
                raise GoneError(f"its state can't be saved: {status}")
            time.sleep(0.05)

    def last_words(self) -> bytes:
        """Return the end of the console's output, and of QEMU's own messages."""
        paths = Path(self.console), Path(self.sockets, "qemu.log")
        return b"".join(path.read_bytes()[-KEPT:] + b"\n" for path in paths)


def boot(options: dict[str, Any]) -> None:
    """Boot, wait until the machine is idle, and save its state."""
    started = time.monotonic()
    computer = Computer(options)

    def watch() -> NoReturn:
        while True:
            time.sleep(options["report_seconds"])
            console = computer.last_words().decode(errors="replace")
            print(json.dumps({"seconds": round(time.monotonic() - started), "console": console}), flush=True)

    try:
        computer.qmp("set_link", name="card", up=False)
        computer.qmp("cont")
        threading.Thread(target=watch, daemon=True).start()
        computer.channels["control"].settimeout(options["seconds"])
        try:
            computer.answer()
        except TimeoutError:
            raise GoneError(f"it was not up after {options['seconds']} s") from None
        up = time.monotonic() - started
        computer.order(options["rest"], options["seconds"])
        computer.save(options["state"])
        print(json.dumps({"up": round(up, 2), "saved": round(time.monotonic() - started, 2)}), flush=True)
        computer.qmp("quit")
        computer.qemu.wait(60)
    except (GoneError, OSError, subprocess.TimeoutExpired) as error:
        fail(error, computer)


def page(options: dict[str, Any]) -> NoReturn:
    """Restore a copy for a page, and connect the standard streams to its shell."""
    overlay = options["overlay"]
    os.makedirs(os.path.dirname(overlay), exist_ok=True)
    command = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", options["disk"], overlay]
    subprocess.run(command, check=True)
    computer = Computer(options)
    try:
        computer.restore(options["state"])
        if options["network"]:
            computer.qmp("set_link", name="card", up=True)
        computer.qmp("cont")
        computer.order(f"date -s @{time.time():.3f}", 60)
        # Without a network, remove the name server: programs would wait for its answer.
        computer.order(ROUTE if options["network"] else ": >/etc/resolv.conf", 60)
    except (GoneError, OSError) as error:
        fail(error, computer)
    serve_others(computer, listen(f"{computer.sockets}/join"))
    outside_ended = join_streams(computer.channels["shell"], computer.channels["shell.remarks"])
    while computer.qemu.poll() is None and not outside_ended.wait(0.05):
        pass
    if outside_ended.is_set():
        computer.qemu.kill()
        os._exit(0)
    # Its last output is still on its way.
    time.sleep(0.2)
    fail("the machine went down", computer)


def serve_others(computer: Computer, server: socket.socket) -> None:
    """Pass other channels to the processes that ask for them, one for each, and run their commands."""
    joined: dict[str, socket.socket] = {}

    def serve() -> NoReturn:
        while True:
            client = server.accept()[0]
            kind, _, rest = client.makefile("r").readline().strip().partition(" ")
            if kind == "order":
                threading.Thread(target=run, args=(client, rest), daemon=True).start()
            else:
                # End the process that had it, or the two would share what comes.
                with contextlib.suppress(OSError, KeyError):
                    joined[rest].settimeout(30)
                    joined[rest].shutdown(socket.SHUT_WR)
                    joined[rest].recv(1)
                joined[rest] = client
                channels = [computer.channels[rest].fileno(), computer.channels[f"{rest}.remarks"].fileno()]
                socket.send_fds(client, [b"+"], channels)

    def run(client: socket.socket, command: str) -> None:
        try:
            client.sendall(b"%d" % computer.order(command, 30))
        except (GoneError, OSError):
            client.sendall(b"255")
        client.close()

    threading.Thread(target=serve, daemon=True).start()


def join(options: dict[str, Any]) -> NoReturn:
    """Connect the standard streams to a channel; with an `end`, until that is printed."""
    keeper = ask(options, f"join {options['channel']}")
    _, (stream, remarks), _, _ = socket.recv_fds(keeper, 1, 2)
    end = options.get("end", "").encode()
    if end:
        # TCSANOW keeps what was typed ahead.
        tty.setraw(0, termios.TCSANOW)
        size = os.get_terminal_size(0)
        command = options["command"].replace("LINES", str(size.lines)).replace("COLUMNS", str(size.columns)).encode()
        os.write(stream, b"%d\n%s" % (len(command), command))
    ended = join_streams(socket.socket(fileno=stream), socket.socket(fileno=remarks), end)
    # The keeper hangs up before it passes the channel to another process.
    while not ended.wait(0.05) and not select.select([keeper], [], [], 0)[0]:
        pass
    os._exit(0)


def order(options: dict[str, Any]) -> NoReturn:
    """Run one command on the machine."""
    sys.exit(int(ask(options, f"order {options['command']}").makefile("r").read() or 255))


def ask(options: dict[str, Any], request: str) -> socket.socket:
    """Send a request to the keeper of this container, and return the connection."""
    keeper = socket.socket(socket.AF_UNIX)
    keeper.connect(f"{options['sockets']}/join")
    keeper.sendall(request.encode() + b"\n")
    return keeper


def join_streams(stream: socket.socket, remarks: socket.socket, end: bytes = b"") -> threading.Event:
    """Connect the standard streams to a channel; return an event that is set when one of them has ended."""
    ended = threading.Event()

    def outwards() -> None:
        kept = b""
        while data := stream.recv(65536):
            kept = (kept + data)[-len(data) - len(end) :]
            if end and (at := kept.find(end)) >= 0:
                write(1, data[: max(0, at - len(kept) + len(data))])
                break
            write(1, data)
        else:
            return
        ended.set()

    def aside() -> None:
        while data := remarks.recv(65536):
            write(2, data)

    def inwards() -> None:
        while data := os.read(0, 65536):
            stream.sendall(data)
        ended.set()

    for target in (outwards, aside, inwards):
        threading.Thread(target=target, daemon=True).start()
    return ended


def write(descriptor: int, data: bytes) -> None:
    """Write all of some data."""
    while data:
        data = data[os.write(descriptor, data) :]


def listen(path: str) -> socket.socket:
    """Return a listening socket at a path."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen()
    return server


def fail(error: object, computer: Computer) -> NoReturn:
    """Print the reason and the console's last lines, and exit."""
    if computer.qemu.poll() is None:
        computer.qemu.kill()
    write(2, f"{error}".encode() + computer.last_words_mark + computer.last_words())
    os._exit(1)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: os._exit(1))
    parsed = json.loads(sys.argv[1])
    try:
        {"boot": boot, "page": page, "join": join, "order": order}[parsed["mode"]](parsed)
    except (GoneError, OSError, subprocess.SubprocessError) as error:
        write(2, f"{error}\n".encode())
        sys.exit(1)
