"""Types transcripts into a real bash on a real pseudo-terminal, and returns what its screen showed.

The tests don't import this file: they pass its text to `python3 -c` on a machine, where it may end all other processes.
It reads a JSON list of transcripts on standard input, each a list of the commands to type at its prompts. For each
command it writes what the screen showed, the exit status, and whether bash is still running.

The prompt contains `$?` and a mark that no transcript can guess. So only the transcript itself is typed, and the text
between two prompts is the output of the command between them. The terminal echoes nothing and doesn't turn line feeds
into two characters; otherwise it is an ordinary terminal. A Ctrl-D in a transcript is typed as such.
"""

import fcntl
import json
import os
import pty
import re
import secrets
import select
import shutil
import signal
import struct
import sys
import termios
import time
from pathlib import Path
from typing import Any, NoReturn

FOLDER = "/work"
SECONDS = 20
CLOSED, WAITING = -1, -2


class Terminal:
    """A bash at its prompt.

    Args:
        own_prompt: the transcript sets PS1 itself. Then the mark is printed ahead of the prompt, and once more when
            bash has read a command and begins to run it.
    """

    def __init__(self, own_prompt: bool) -> None:
        mark = secrets.token_hex(8)
        self.begins = f"{mark}>" if own_prompt else ""
        self.ends = re.compile(rf"{mark}<([0-9]+)>")
        self.pid, self.screen = pty.fork()
        if self.pid == 0:
            become_bash()
        prompt = f"PROMPT_COMMAND='printf \"{mark}<%s>\" $?' PS0='{mark}>'" if own_prompt else f"PS1='{mark}<$?>'"
        self.type(f" cd /; cd {FOLDER}; unset HISTFILE; PS2=; {prompt}")

    def type(self, text: str) -> tuple[str, int]:
        """Types a command; what the screen showed then, and the status: `CLOSED` where bash has ended."""
        os.write(self.screen, text.encode() if text.endswith("\x04") else text.encode() + b"\n")
        screen, status = b"", WAITING
        deadline = time.monotonic() + SECONDS
        while status == WAITING and time.monotonic() < deadline:
            if select.select([self.screen], [], [], 0.02)[0]:
                try:
                    screen += os.read(self.screen, 1 << 16)
                except OSError:
                    # Nobody has the terminal open any more.
                    os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
                    status = CLOSED
                if found := self.ends.search(screen.decode(errors="replace")):
                    status = int(found[1])
            elif os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                status = CLOSED
        shown = self.ends.split(screen.decode(errors="replace"))[0]
        return shown.rpartition(self.begins)[2] if self.begins else shown, status

    def close(self) -> int:
        """Ends all that was started in it; the exit status of a bash that has ended by itself."""
        done = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        try:
            # This process is spared, and the first one of the container.
            os.kill(-1, signal.SIGKILL)
            while True:
                os.waitpid(-1, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        os.close(self.screen)
        killed = done and done.si_code != os.CLD_EXITED
        return (128 if killed else 0) + done.si_status if done else WAITING


def become_bash() -> NoReturn:
    """In the child of the terminal: sets the terminal, and becomes bash."""
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        # Python ignores them, and whatever it starts would.
        signal.signal(number, signal.SIG_DFL)
    mode = termios.tcgetattr(0)
    mode[1] &= ~termios.OPOST
    mode[3] &= ~termios.ECHO
    termios.tcsetattr(0, termios.TCSANOW, mode)
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.execvp("bash", ["bash", "--norc", "--noprofile", "--noediting", "-i"])


def typed(transcript: list[str]) -> list[dict[str, Any]]:
    """What became of each command of a transcript."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    Path(FOLDER).mkdir()
    own_prompt = any("PS1=" in text or "activate" in text for text in transcript)
    terminal = Terminal(own_prompt)
    told = []
    for text in transcript:
        shown, status = terminal.type(text)
        lives = status >= 0
        if not lives:
            # As a page gets a new shell in place of one that has ended.
            status = terminal.close()
            terminal = Terminal(own_prompt)
        told.append({"output": shown, "status": status, "lives": lives})
    terminal.close()
    return told


if __name__ == "__main__":
    json.dump([typed(transcript) for transcript in json.load(sys.stdin)], sys.stdout)
