"""Log in at a guest's console as a person would, and run a command."""

import os
import pty
import select
import signal
import time


def log_in(console: list[str], command: str, password: str) -> str:
    """What `command` prints for root, on the guest behind `console`."""
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(console[0], console)
    screen = ""
    end = time.monotonic() + 300

    def wait_for(text: str, nudge: bytes = b"") -> str:
        nonlocal screen
        while text not in screen:
            if time.monotonic() > end:
                raise TimeoutError(f"no {text!r} on this screen:\n{screen}")
            if select.select([terminal], [], [], 5)[0]:
                told = os.read(terminal, 4096).decode(errors="replace")
                screen += told.replace("\r", "")
            elif nudge:
                os.write(terminal, nudge)
        before, _, screen = screen.partition(text)
        return before

    try:
        # Who comes late finds an empty screen: Enter makes it ask again.
        wait_for("login: ", nudge=b"\n")
        os.write(terminal, b"root\n")
        wait_for("Password: ")
        os.write(terminal, f"{password}\n".encode())
        wait_for("# ")
        # What is typed shows on the screen too, but with the quotes.
        typed = f"echo 'it 'says:; {command}; echo 'it 'ends\n"
        os.write(terminal, typed.encode())
        wait_for("it says:\n")
        return wait_for("it ends\n")
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)
