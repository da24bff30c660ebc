"""Jobs spread over a Ray cluster (`pip install 'avdf[ray]'`): preparation and scoring both use it.

Workers are actors that keep what they have loaded. A worker that dies, with its node or alone, costs its job a new try
after a pause that doubles each time; the others go on.
"""

import heapq
import logging
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any, Generic, TypeVar

from avdf.cache.core.errors import ClusterError, SettingsError
from avdf.cache.machine.cores import worker_count

J = TypeVar("J")
R = TypeVar("R")
Note = Callable[[str], None]
Work = Callable[[Any, Note], Any]  # (job, tell) -> result; runs in a worker

_POLL_SECONDS = 0.5
_CONNECT_SECONDS = 10.0
_LONGEST_PAUSE = 30.0
_MOST_FAILED_STARTS = 5


@dataclass(frozen=True)
class ClusterSettings:
    """Where to work, and with how many workers.

    address   of a running cluster (`auto`, HOST:PORT, ray://HOST:PORT); '' starts one on this machine
    workers   0: one for each free processor of the cluster
    gpus      of each worker; may be a fraction, so that several share one; None: one where the cluster has any
    """

    address: str = ""
    workers: int = 0
    gpus: float | None = 0.0

    def __post_init__(self) -> None:
        if self.workers:
            worker_count(self.workers)
        if self.gpus is not None and not 0 <= self.gpus < float("inf"):
            raise SettingsError(f"{self.gpus} GPUs for each worker; use 0 or more")


def crew_of(settings: ClusterSettings, resources: Mapping[str, float]) -> tuple[int, float]:
    """How many workers a cluster gets, and the GPUs of each. What this machine has plays no part.

    Raises:
        ClusterError: GPUs are asked for and the cluster has none.
    """
    there = resources.get("GPU", 0.0)
    gpus = float(there > 0) if settings.gpus is None else settings.gpus
    if gpus > there:
        raise ClusterError(
            f"the cluster has {there:g} GPUs and each worker wants {gpus:g}; use --device cpu"
        )
    most = int(resources.get("CPU", 1))
    if gpus:
        most = min(most, int(there / gpus))
    return settings.workers or max(1, most), gpus


class _Desk:
    """An actor beside the driver that remembers what each job said last: whoever dies cannot say it any more."""

    def __init__(self) -> None:
        self._last: dict[int, str] = {}
        self._new: list[str] = []

    def note(self, job: int, word: str) -> None:
        self._last[job] = word
        self._new.append(word)

    def last(self, job: int) -> str:
        return self._last.get(job, "")

    def take(self) -> list[str]:
        new, self._new = self._new, []
        return new


class _Worker:
    """An actor: makes its work once, then does job after job."""

    def __init__(self, make: Callable[[], Work], desk: Any) -> None:
        self._work, self._desk = make(), desk

    def ready(self) -> None:
        """Answered as soon as the work is made."""

    def run(self, number: int, job: Any) -> Any:
        return self._work(job, lambda word: self._desk.note.remote(number, word))


@dataclass(order=True)
class _Waiting(Generic[J]):
    due: float
    number: int
    job: J = field(compare=False)


def run_on_cluster(
    jobs: Sequence[J],
    make: Callable[[], Callable[[J, Note], R]],
    settings: ClusterSettings,
    after_death: Callable[[J, str, int], J],
    on_note: Note = lambda _: None,
) -> Iterator[tuple[J, R]]:
    """Do jobs on workers and yield each with its result as it ends, in any order.

    Args:
        make: called once in each worker; gives the function that does a job. It may tell words through its second
            argument, which reach `on_note`.
        after_death: told a job, what it had said last, and how often its worker died at it; gives the job to try next.

    Raises:
        SettingsError: Ray is not installed.
        ClusterError: no cluster there, or workers end as soon as they are started. Whatever `after_death` raises, and
            what a job raises.
    """
    if find_spec("ray") is None:
        raise SettingsError(
            "Ray is not installed: pip install 'avdf[ray]', or leave out --executor ray"
        )
    _check_reachable(settings.address)
    import ray

    try:
        ray.init(
            address=settings.address or "local",
            num_cpus=None if settings.address or not settings.workers else settings.workers,
            include_dashboard=False if not settings.address else None,
            log_to_driver=False,
            logging_level=logging.ERROR,
        )
    except (ConnectionError, ValueError, RuntimeError) as error:
        first = str(error).strip().splitlines()[0][:200]
        raise ClusterError(
            f"no Ray cluster at {settings.address or 'this machine'}: {first}"
        ) from None
    try:
        yield from _Crew(ray, make, settings, after_death, on_note).do(jobs)
    finally:
        ray.shutdown()


def _check_reachable(address: str) -> None:
    """Fail at once where nobody listens: Ray would try for minutes."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not colon or not port.isdigit():
        return  # `auto`, or nothing: Ray knows
    try:
        socket.create_connection((host, int(port)), timeout=_CONNECT_SECONDS).close()
    except OSError as error:
        raise ClusterError(
            f"no Ray cluster at {address}: {error.strerror or error}; start one with `ray start --head`"
        ) from None


class _Crew(Generic[J, R]):
    """The driver's side: who is idle, who is at what, what waits."""

    def __init__(
        self,
        ray: Any,
        make: Callable[[], Callable[[J, Note], R]],
        settings: ClusterSettings,
        after_death: Callable[[J, str, int], J],
        on_note: Note,
    ) -> None:
        self._ray, self._make = ray, make
        self._after_death, self._on_note = after_death, on_note
        self._size, self._gpus = crew_of(settings, ray.cluster_resources())
        here = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(
            ray.get_runtime_context().get_node_id(), soft=False
        )
        self._desk = ray.remote(num_cpus=0)(_Desk).options(scheduling_strategy=here).remote()
        self._at: dict[
            Any, tuple[Any, _Waiting[J] | None]
        ] = {}  # what is awaited -> worker, its job (None: starting)
        self._idle: list[Any] = []
        self._deaths: Counter[int] = Counter()
        self._failed_starts = 0

    def do(self, jobs: Sequence[J]) -> Iterator[tuple[J, R]]:
        waiting = [_Waiting(0.0, number, job) for number, job in enumerate(jobs)]
        heapq.heapify(waiting)
        for _ in range(min(self._size, len(jobs))):
            self._start_worker()
        left = len(jobs)
        while left:
            while self._idle and waiting and waiting[0].due <= time.monotonic():
                worker, job = self._idle.pop(), heapq.heappop(waiting)
                self._at[worker.run.remote(job.number, job.job)] = worker, job
            done = self._wait()
            for word in self._ray.get(self._desk.take.remote()):
                self._on_note(word)
            for reference in done:
                worker, finished = self._at.pop(reference)
                try:
                    result = self._ray.get(reference)
                except self._ray.exceptions.RayTaskError as error:
                    raise error.cause if isinstance(error.cause, Exception) else error from None
                except self._ray.exceptions.RayError as error:
                    self._replace(worker, finished, waiting, error)
                    continue
                self._idle.append(worker)
                if finished is not None:
                    left -= 1
                    yield finished.job, result
            if not waiting and len(self._idle) > left:
                self._ray.kill(self._idle.pop())

    def _wait(self) -> list[Any]:
        if not self._at:  # all that is left waits out its pause
            time.sleep(_POLL_SECONDS)
            return []
        done, _ = self._ray.wait(list(self._at), timeout=_POLL_SECONDS)
        return list(done)

    def _start_worker(self) -> None:
        options = {"num_cpus": 1, "num_gpus": self._gpus, "max_restarts": 0}
        worker = self._ray.remote(**options)(_Worker).remote(self._make, self._desk)
        self._at[worker.ready.remote()] = worker, None

    def _replace(
        self, worker: Any, job: _Waiting[J] | None, waiting: list[_Waiting[J]], error: Exception
    ) -> None:
        """A worker is gone: another takes its place, and its job is tried again after a pause."""
        with_what = " ".join(str(error).split())[:300]
        if job is None:
            self._failed_starts += 1
            if self._failed_starts >= _MOST_FAILED_STARTS:
                raise ClusterError(f"workers end before they have begun: {with_what}")
        else:
            self._deaths[job.number] += 1
            deaths = self._deaths[job.number]
            said = self._ray.get(self._desk.last.remote(job.number))
            again = self._after_death(job.job, said, deaths)
            pause = min(_LONGEST_PAUSE, 2.0 ** (deaths - 1))
            heapq.heappush(waiting, _Waiting(time.monotonic() + pause, job.number, again))
        self._start_worker()
