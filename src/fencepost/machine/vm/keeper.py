"""Keeps one QEMU: boots it and saves its state, or restores a copy for a page and joins the page's streams to it.

This file is not imported by Fencepost: its text is handed to `python3 -c` in the emulator's container, with what is
wanted as JSON behind it. It needs nothing but Python's standard library.

    boot    boots, waits until the machine is at rest, saves; tells its progress as lines of JSON
    page    restores, and joins standard streams to the shell's channel until they end
    join    in a second process of the same container: the same for another channel
    order   likewise: has one command run beside the page's session; ends with its status
"""

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
from typing import Any, NoReturn

KEPT = 6000
SAVING_SECONDS = 300
ROUTE = "for n in $(seq 100); do grep -q '^[^[:space:]]*[[:space:]]00000000' /proc/net/route && exit; sleep 0.1; done"


class GoneError(Exception):
    """QEMU has ended, or the machine says nothing any more."""


class Computer:
    """A running QEMU, and the ways into it."""

    def __init__(self, wanted: dict[str, Any]) -> None:
        self.sockets = wanted["sockets"]
        os.makedirs(self.sockets, exist_ok=True)
        listening = {name: listen(f"{self.sockets}/{name}") for name in [*wanted["channels"], "control", "qmp"]}
        # Its own complaints go where its console's lines are.
        self.log = open(f"{self.sockets}/qemu.log", "wb")
        self.qemu = subprocess.Popen(
            [*wanted["arguments"], "-S"] if wanted["mode"] == "boot" else [*wanted["arguments"], "-incoming", "defer"],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        self.console = wanted["console"]
        self.last_words_follow = wanted["last_words"].encode()
        self.channels: dict[str, socket.socket] = {}
        for name, server in listening.items():
            while not select.select([server], [], [], 0.05)[0]:
                if self.qemu.poll() is not None:
                    fail("QEMU doesn't start", self)
            self.channels[name] = server.accept()[0]
        self._lock = threading.Lock()
        self._told = self.channels["qmp"].makefile("r")
        self._answers = self.channels["control"].makefile("r", errors="replace")
        self._told.readline()
        self.qmp("qmp_capabilities")
        capabilities = [{"capability": "x-ignore-shared", "state": True}]
        self.qmp("migrate-set-capabilities", capabilities=capabilities)

    def qmp(self, command: str, **arguments: object) -> Any:
        """Tells QEMU something; its answer."""
        request = {"execute": command, "arguments": arguments}
        self.channels["qmp"].sendall(json.dumps(request).encode() + b"\n")
        for line in self._told:
            answer = json.loads(line)
            if "error" in answer:
                raise GoneError(f"QEMU refuses {command}: {answer['error'].get('desc')}")
            if "return" in answer:
                return answer["return"]
        raise GoneError("QEMU has ended")

    def answer(self) -> str:
        """The next line of the machine's agent."""
        line = self._answers.readline()
        if not line:
            raise GoneError("the machine went down")
        return line.strip()

    def order(self, command: str, seconds: float) -> int:
        """Has a command run beside the page's session; its exit status."""
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
        """Puts it where it was when its state was saved; it stands still there."""
        self.qmp("migrate-incoming", uri=f"file:{file}")
        while (status := self.qmp("query-status")["status"]) == "inmigrate":
            time.sleep(0.01)
        if self.qmp("query-migrate").get("status") == "failed" or status not in {"paused", "postmigrate", "prelaunch"}:
            raise GoneError(f"the saved state can't be restored: QEMU is {status}")

    def save(self, file: str) -> None:
        """Writes down its state."""
        self.qmp("stop")
        self.qmp("migrate", uri=f"file:{file}")
        deadline = time.monotonic() + SAVING_SECONDS
        while (status := self.qmp("query-migrate").get("status")) != "completed":
            if status in {"failed", "cancelled"} or time.monotonic() > deadline:
                raise GoneError(f"its state can't be saved: {status}")
            time.sleep(0.05)

    def last_words(self) -> bytes:
        """The end of what the console showed, and of what QEMU itself complained of."""
        told = b""
        for path in (self.console, f"{self.sockets}/qemu.log"):
            with open(path, "rb") as file:
                told += file.read()[-KEPT:] + b"\n"
        return told


def boot(wanted: dict[str, Any]) -> None:
    """Boots, waits until all is at rest, and saves the state."""
    started = time.monotonic()
    computer = Computer(wanted)

    def watch() -> NoReturn:
        while True:
            time.sleep(wanted["tell_every"])
            console = computer.last_words().decode(errors="replace")
            tell({"seconds": round(time.monotonic() - started), "console": console})

    try:
        computer.qmp("set_link", name="card", up=False)
        computer.qmp("cont")
        threading.Thread(target=watch, daemon=True).start()
        computer.channels["control"].settimeout(wanted["seconds"])
        try:
            computer.answer()
        except TimeoutError:
            raise GoneError(f"it was not up after {wanted['seconds']} s") from None
        up = time.monotonic() - started
        computer.order(wanted["rest"], wanted["seconds"])
        computer.save(wanted["state"])
        tell({"up": round(up, 2), "saved": round(time.monotonic() - started, 2)})
        computer.qmp("quit")
        computer.qemu.wait(60)
    except (GoneError, OSError, subprocess.TimeoutExpired) as error:
        fail(error, computer)


def page(wanted: dict[str, Any]) -> NoReturn:
    """Restores a copy for a page, and joins the standard streams to its shell."""
    overlay = wanted["overlay"]
    os.makedirs(os.path.dirname(overlay), exist_ok=True)
    command = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", wanted["disk"], overlay]
    subprocess.run(command, check=True)
    computer = Computer(wanted)
    try:
        computer.restore(wanted["state"])
        if wanted["network"]:
            computer.qmp("set_link", name="card", up=True)
        computer.qmp("cont")
        computer.order(f"date -s @{time.time():.3f}", 60)
        # A name server that can't be reached is waited for; one that isn't there is not.
        computer.order(ROUTE if wanted["network"] else ": >/etc/resolv.conf", 60)
    except (GoneError, OSError) as error:
        fail(error, computer)
    serve_others(computer, listen(f"{computer.sockets}/join"))
    outside_ended = join_streams(computer.channels["shell"], computer.channels["shell.remarks"])
    while computer.qemu.poll() is None and not outside_ended.wait(0.05):
        pass
    if outside_ended.is_set():
        computer.qemu.kill()
        os._exit(0)
    # What it printed last is on its way.
    time.sleep(0.2)
    fail("the machine went down", computer)


def serve_others(computer: Computer, server: socket.socket) -> None:
    """Hands the other channels to the processes that ask for one, and has their commands run."""

    def serve() -> NoReturn:
        while True:
            asking = server.accept()[0]
            kind, _, rest = asking.makefile("r").readline().strip().partition(" ")
            if kind == "order":
                threading.Thread(target=run, args=(asking, rest), daemon=True).start()
            else:
                channels = [computer.channels[rest].fileno(), computer.channels[f"{rest}.remarks"].fileno()]
                socket.send_fds(asking, [b"+"], channels)

    def run(asking: socket.socket, command: str) -> None:
        try:
            asking.sendall(b"%d" % computer.order(command, 30))
        except (GoneError, OSError):
            asking.sendall(b"255")
        asking.close()

    threading.Thread(target=serve, daemon=True).start()


def join(wanted: dict[str, Any]) -> NoReturn:
    """Joins the standard streams to a channel; with an end, until that has been printed."""
    asking = ask(wanted, f"join {wanted['channel']}")
    _, (stream, remarks), _, _ = socket.recv_fds(asking, 1, 2)
    end = wanted.get("end", "").encode()
    if end:
        # What was typed ahead is kept.
        tty.setraw(0, termios.TCSANOW)
        size = os.get_terminal_size(0)
        command = wanted["command"].replace("LINES", str(size.lines)).replace("COLUMNS", str(size.columns)).encode()
        os.write(stream, b"%d\n%s" % (len(command), command))
    join_streams(socket.socket(fileno=stream), socket.socket(fileno=remarks), end).wait()
    os._exit(0)


def order(wanted: dict[str, Any]) -> NoReturn:
    """Has one command run on the machine."""
    asking = ask(wanted, f"order {wanted['command']}")
    sys.exit(int(asking.makefile("r").read() or 255))


def ask(wanted: dict[str, Any], request: str) -> socket.socket:
    """A connection to the keeper of this container."""
    asking = socket.socket(socket.AF_UNIX)
    asking.connect(f"{wanted['sockets']}/join")
    asking.sendall(request.encode() + b"\n")
    return asking


def join_streams(stream: socket.socket, remarks: socket.socket, end: bytes = b"") -> threading.Event:
    """Joins the standard streams to a channel; the event that is set when one of them has ended."""
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
    """Writes all of it."""
    while data:
        data = data[os.write(descriptor, data) :]


def listen(path: str) -> socket.socket:
    """A socket at a path."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen()
    return server


def tell(what: dict[str, object]) -> None:
    """A line of progress."""
    print(json.dumps(what), flush=True)


def fail(error: object, computer: Computer) -> NoReturn:
    """Ends, with the reason and the console's last lines."""
    if computer.qemu.poll() is None:
        computer.qemu.kill()
    write(2, f"{error}".encode() + computer.last_words_follow + computer.last_words())
    os._exit(1)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: os._exit(1))
    asked = json.loads(sys.argv[1])
    try:
        {"boot": boot, "page": page, "join": join, "order": order}[asked["mode"]](asked)
    except (GoneError, OSError, subprocess.SubprocessError) as trouble:
        write(2, f"{trouble}\n".encode())
        sys.exit(1)
