"""Fuzz everything that parses untrusted bytes, guided by the branches that inputs reach.

    make fuzz                                        a million executions of each target, in two processes
    make fuzz ARGS="--only page --executions 1000"   one target, a little

It can be stopped and started again: inputs are kept in `.cache/fuzzing`, and counts there and in `results.md`. A
target's count starts again from 0 when its code changes.
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from trials.fuzzing.target import NAMES, ROOT, Target, load

HERE = Path(__file__).parent
KEPT = ROOT / ".cache" / "fuzzing"
RESULTS = HERE / "results.md"
SLICE_SECONDS = 150
INPUT_SECONDS = 20
MEBIBYTES = 1500
# libFuzzer's exit status when it is interrupted.
_INTERRUPTED = 72
# Of a digest, in the results.
_DIGITS = 8


@dataclass
class Count:
    """The progress of a target.

    Attributes:
        digest: a digest of the code under test.
        executions: the number of inputs tried.
        edges: the number of branches reached, as libFuzzer counts them.
        seconds: the time that this took in one process.
        findings: the inputs that broke what the target holds to be true.
    """

    digest: str = ""
    executions: int = 0
    edges: int = 0
    seconds: float = 0.0
    findings: list[str] = field(default_factory=list)


class Fuzzing:
    """Targets and their progress.

    Args:
        names: the names of the targets to fuzz.
        executions: the number of executions that each of them has to reach.
    """

    def __init__(self, names: list[str], executions: int) -> None:
        self.targets = {name: load(name) for name in NAMES}
        self.counts = {name: _read_count(target) for name, target in self.targets.items()}
        self.stopped = False
        self._names = names
        self._wanted = executions
        self._running: dict[str, int] = dict.fromkeys(names, 0)
        self._lock = threading.Lock()

    def work(self) -> None:
        """Fuzz the target that has had the fewest executions, until all have had enough."""
        while not self.stopped and (name := self._next()):
            self._slice(self.targets[name])
            self._running[name] -= 1

    def _next(self) -> str | None:
        with self._lock:
            lacking = [
                name
                for name in self._names
                if self.counts[name].executions < self._wanted and not self.counts[name].findings
            ]
            name = min(lacking, key=lambda name: (self._running[name], self.counts[name].executions), default=None)
            if name:
                self._running[name] += 1
            return name

    def _slice(self, target: Target) -> None:
        folder = KEPT / target.name
        corpus, findings = folder / "corpus", folder / "findings"
        for path in (corpus, findings):
            path.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(target.seeds()):
            (corpus / f"seed-{number}").write_bytes(seed[: target.longest])
        words = folder / "words"
        words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words))
        options = [
            f"-runs={max(1000, self._wanted - self.counts[target.name].executions)}",
            f"-max_total_time={SLICE_SECONDS}",
            f"-max_len={target.longest}",
            f"-timeout={INPUT_SECONDS}",
            f"-rss_limit_mb={MEBIBYTES}",
            f"-dict={words}",
            f"-artifact_prefix={findings}/",
            "-print_final_stats=1",
        ]
        started = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "trials.fuzzing.one", target.name, *options, str(corpus)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if not self.stopped:
            self._add_results(target, done, time.monotonic() - started, findings)

    def _add_results(
        self, target: Target, done: subprocess.CompletedProcess[bytes], seconds: float, findings: Path
    ) -> None:
        output = done.stdout.decode("utf-8", "replace")
        ran = re.findall(r"stat::number_of_executed_units:\s+(\d+)", output) or re.findall(r"^#(\d+)\t", output, re.M)
        count = self.counts[target.name]
        count.executions += int(ran[-1]) if ran else 0
        count.edges = max([count.edges, *(int(edges) for edges in re.findall(r"\bcov: (\d+)", output))])
        count.seconds += seconds
        found = re.search(r"Test unit written to (\S+)", output)
        if found or (done.returncode not in {0, _INTERRUPTED} and done.returncode > 0):
            name = Path(found[1]).name if found else f"ended with {done.returncode}"
            (findings / f"{name}.txt").write_text(output[-20000:])
            count.findings.append(name)
            print(f"{target.name}: {name}: see {findings / name}.txt", flush=True)
        (KEPT / target.name / "count.json").write_text(json.dumps(asdict(count)))
        rate = count.executions / count.seconds if count.seconds else 0
        print(f"{target.name:<14}{count.executions:>12,} {rate:>8,.0f}/s", flush=True)

    def table(self) -> str:
        """Return the results in Markdown."""
        rows = [
            "| target | code | executions | edges | seconds | per second | findings | what holds |",
            "|---|---|---:|---:|---:|---:|---:|---|",
        ]
        for name, count in self.counts.items():
            rate = count.executions / count.seconds if count.seconds else 0
            rows.append(
                f"| {name} | {count.digest[:_DIGITS]} | {count.executions:,} | {count.edges:,} | {count.seconds:,.0f}"
                f" | {rate:,.0f} | {len(count.findings)} | {self.targets[name].says} |"
            )
        counts = self.counts.values()
        executions, seconds = sum(count.executions for count in counts), sum(count.seconds for count in counts)
        findings = sum(len(count.findings) for count in counts)
        rows.append(f"| **all** | | **{executions:,}** | | {seconds:,.0f} | | **{findings}** | |")
        return "\n".join(rows)


def _read_count(target: Target) -> Count:
    """Return the count of a target's present code: from the cache, or else from the committed results."""
    path = KEPT / target.name / "count.json"
    count = Count(**json.loads(path.read_text())) if path.is_file() else Count()
    if count.digest == target.digest:
        return count
    row = re.search(rf"^\| {target.name} \| {target.digest[:_DIGITS]} \| (.*?) \| 0 \|", RESULTS.read_text(), re.M)
    if not row:
        return Count(target.digest)
    executions, edges, seconds, _ = (int(number.replace(",", "")) for number in row[1].split(" | "))
    return Count(target.digest, executions, edges, seconds)


def _escaped(word: bytes) -> str:
    """Return bytes as libFuzzer's dictionaries write them."""
    return "".join(f"\\x{byte:02x}" for byte in word)


HEADING = """# What fuzzing found

Written by `make fuzz`. Each target is a piece of code that parses untrusted bytes, and states what holds for all inputs
(see [`targets/`](targets)). Atheris, on top of libFuzzer, makes the inputs from the repository's own samples, guided by
the branches of Fencepost's code and of superfences that they reach. An input may take {seconds} seconds and
{mebibytes} MiB. A count starts again from 0 when the digest of the target's code changes. Seconds are those of one
process, on a computer that may have done other work too.

"""


def main() -> int:
    """Fuzz, and write the results; return 0 if nothing was found, else 1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--executions", type=int, default=1_000_000, help="the number of executions of each target")
    parser.add_argument("--only", action="append", choices=NAMES, help="only this target; may be given several times")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    fuzzing = Fuzzing(options.only or list(NAMES), options.executions)

    def stop(*_: object) -> None:
        fuzzing.stopped = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    workers = [threading.Thread(target=fuzzing.work) for _ in range(options.workers)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(fuzzing.table())
    RESULTS.write_text(HEADING.format(seconds=INPUT_SECONDS, mebibytes=MEBIBYTES) + fuzzing.table() + "\n")
    return int(any(count.findings for count in fuzzing.counts.values()))


if __name__ == "__main__":
    sys.exit(main())
