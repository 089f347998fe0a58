"""Logs in at a guest's console as a person would, and has a command run there."""

import os
import pty
import select
import signal
import time


def log_in(console: list[str], command: str, password: str, seconds: int = 300) -> str:
    """Returns what `command` prints for root, on the guest that the program `console` leads to."""
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(console[0], console)
    screen = ""
    end = time.monotonic() + seconds

    def wait_for(text: str, nudge: str = "") -> str:
        nonlocal screen
        while text not in screen:
            if time.monotonic() > end:
                raise TimeoutError(f"no {text!r} within {seconds} s. The screen:\n{screen}")
            if select.select([terminal], [], [], 5)[0]:
                screen += os.read(terminal, 4096).decode(errors="replace").replace("\r", "")
            elif nudge:
                os.write(terminal, nudge.encode())
        before, _, screen = screen.partition(text)
        return before

    try:
        # Whoever comes late finds an empty screen: Enter makes the guest ask again.
        wait_for("login: ", nudge="\n")
        os.write(terminal, b"root\n")
        wait_for("Password: ")
        os.write(terminal, f"{password}\n".encode())
        wait_for("# ")
        # What is typed shows on the screen too, but with the quotes.
        os.write(terminal, f"echo 'it 'says:; {command}; echo 'it 'ends\n".encode())
        wait_for("it says:\n")
        return wait_for("it ends\n")
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)
