"""The packages of the machines' images, queried in a thread while pages run."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from fencepost.check.job import Job
from fencepost.errors import FencepostError
from fencepost.machine.engine import Engine
from fencepost.machine.packages import packages_of
from fencepost.record.store import RecordStore


class KnownPackages:
    """Queries the packages of each image that pages run on, once, and keeps them.

    Args:
        engine: the engine that has the images.
        store: where the lists are kept, beside the records.
    """

    def __init__(self, engine: Engine, store: RecordStore) -> None:
        self._engine = engine
        self._store = store
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="fencepost-packages")
        self._lists: dict[str, Future[Mapping[str, str]]] = {}

    def ask(self, jobs: Iterable[Job]) -> None:
        """Begin to query the packages of the images of some jobs."""
        for job in jobs:
            if job.image.id and job.image.id not in self._lists:
                self._lists[job.image.id] = self._pool.submit(self._find, job)

    def of(self, job: Job) -> Mapping[str, str]:
        """Wait for the packages in the image of a job, and return their versions by name; empty if unknown."""
        return self._lists[job.image.id].result() if job.image.id in self._lists else {}

    def close(self) -> None:
        """Wait for the running query, and cancel the others."""
        self._pool.shutdown(cancel_futures=True)

    def _find(self, job: Job) -> Mapping[str, str]:
        known = self._store.packages(job.image.id)
        if known is not None:
            return known
        packages = packages_of(self._engine, job.image)
        if packages is None:
            # Not written, so that the next check tries again.
            return {}
        with contextlib.suppress(FencepostError):
            self._store.write_packages(job.image.id, job.definition.name, packages)
        return packages
