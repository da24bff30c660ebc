"""Jobs on a Ray cluster (`pip install 'avdf[ray]'`), for preparation and for scoring.

The driver starts workers, which load what they need once and then do one job after another. When a
worker dies, alone or with its machine, a new one replaces it, and its job is tried again after a
pause that doubles with each death. The other workers continue meanwhile.
"""

import heapq
import logging
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any, Generic, TypeVar

from avdf.cache.core.errors import ClusterError, SettingsError
from avdf.cache.machine.cluster import ClusterSettings, cluster_size
from avdf.cache.machine.ray_actors import MessageBoard, SendMessage, Worker

J = TypeVar("J")
R = TypeVar("R")

_POLL_SECONDS = 0.5
_CONNECT_SECONDS = 10.0
_LONGEST_PAUSE = 30.0  # seconds before a job is tried again
_MOST_FAILED_STARTS = 5


def run_on_cluster(
    jobs: Sequence[J],
    make_work: Callable[[], Callable[[J, SendMessage], R]],
    settings: ClusterSettings,
    after_death: Callable[[J, str, int], J],
    on_message: SendMessage = lambda _: None,
) -> Iterator[tuple[J, R]]:
    """Do jobs on the workers of a cluster, and yield each with its result as it ends, in any order.

    Args:
        make_work: called once in each worker; returns the function that does a job. This function
            may send messages through its second argument.
        after_death: called when a worker died at a job, with the job, its last message, and the
            number of deaths at it; returns the job to try next.
        on_message: receives the messages of all workers.

    Raises:
        SettingsError: Ray is not installed.
        ClusterError: there is no such cluster, or workers die as soon as they start. What
            `after_death` or a job raises passes through.
    """
    with _connected(settings) as ray:
        size = cluster_size(settings, ray.cluster_resources())
        workers = _Workers(ray, make_work, size.gpus_each)
        yield from _Schedule(jobs, workers, after_death, on_message).run(size.workers)


@contextmanager
def _connected(settings: ClusterSettings) -> Iterator[Any]:
    """The module `ray`, connected to the cluster until the block ends."""
    if find_spec("ray") is None:
        raise SettingsError(
            "Ray is not installed: pip install 'avdf[ray]', or use executor local"
        )
    address = settings.address
    _check_reachable(address)
    import ray

    try:
        ray.init(
            address=address or "local",
            num_cpus=None if address else settings.workers or None,
            include_dashboard=None if address else False,
            log_to_driver=False,
            logging_level=logging.ERROR,
        )
    except (ConnectionError, ValueError, RuntimeError) as error:
        first_line = str(error).strip().splitlines()[0][:200]
        raise ClusterError(
            f"no Ray cluster at {address or 'this machine'}: {first_line}"
        ) from None
    try:
        yield ray
    finally:
        ray.shutdown()


def _check_reachable(address: str) -> None:
    """Fail at once if nothing answers at HOST:PORT: Ray would try for minutes."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not colon or not port.isdigit():
        return  # '' or `auto`: Ray finds the cluster by itself
    try:
        socket.create_connection((host, int(port)), timeout=_CONNECT_SECONDS).close()
    except OSError as error:
        raise ClusterError(
            f"no Ray cluster at {address}: {error.strerror or error}; "
            "start one with `ray start --head`"
        ) from None


@dataclass(order=True)
class _Attempt(Generic[J]):
    """A job that waits until it is due; `due` is a time of the monotonic clock."""

    due: float
    number: int
    job: J = field(compare=False)


class _Workers:
    """Starts workers and the board for their messages. Actors and calls are references of Ray."""

    def __init__(
        self, ray: Any, make_work: Callable[[], Any], gpus_each: float
    ) -> None:
        self.ray = ray
        self._make_work = make_work
        self._worker_class = ray.remote(num_cpus=1, num_gpus=gpus_each, max_restarts=0)(
            Worker
        )
        # The board runs on the driver's own node: it must not disappear with another one.
        here = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(
            ray.get_runtime_context().get_node_id(), soft=False
        )
        board_class = ray.remote(num_cpus=0)(MessageBoard)
        self._board = board_class.options(scheduling_strategy=here).remote()

    def start(self) -> Any:
        """Start one more worker."""
        return self._worker_class.remote(self._make_work, self._board)

    def unread_messages(self) -> list[str]:
        """The messages of all workers that came since the last call."""
        messages: list[str] = self.ray.get(self._board.take_unread.remote())
        return messages

    def last_message(self, job_number: int) -> str:
        """The last message about a job."""
        message: str = self.ray.get(self._board.last.remote(job_number))
        return message


class _Schedule(Generic[J, R]):
    """Which jobs wait, which worker does which job, and which workers are idle."""

    def __init__(
        self,
        jobs: Sequence[J],
        workers: _Workers,
        after_death: Callable[[J, str, int], J],
        on_message: SendMessage,
    ) -> None:
        self._workers, self._ray = workers, workers.ray
        self._after_death, self._on_message = after_death, on_message
        self._waiting = [_Attempt(0.0, number, job) for number, job in enumerate(jobs)]
        heapq.heapify(self._waiting)
        self._unfinished = len(jobs)
        # A call that has not ended -> its worker and job; a worker that starts has no job.
        self._calls: dict[Any, tuple[Any, _Attempt[J] | None]] = {}
        self._idle: list[Any] = []
        self._deaths: Counter[int] = Counter()
        self._failed_starts = 0

    def run(self, most_workers: int) -> Iterator[tuple[J, R]]:
        """Do all jobs and yield each with its result."""
        for _ in range(min(most_workers, self._unfinished)):
            self._start_worker()
        while self._unfinished:
            self._assign_jobs()
            ended_calls = self._wait()
            for message in self._workers.unread_messages():
                self._on_message(message)
            for call in ended_calls:
                yield from self._collect(call)
            self._stop_a_surplus_worker()

    def _start_worker(self) -> None:
        worker = self._workers.start()
        self._calls[worker.ready.remote()] = worker, None

    def _assign_jobs(self) -> None:
        """Give each idle worker a job that is due."""
        while self._idle and self._waiting and self._waiting[0].due <= time.monotonic():
            worker, attempt = self._idle.pop(), heapq.heappop(self._waiting)
            self._calls[worker.run.remote(attempt.number, attempt.job)] = (
                worker,
                attempt,
            )

    def _wait(self) -> list[Any]:
        """The calls that ended; wait a moment for one."""
        if not self._calls:
            # Every unfinished job waits until it is due.
            time.sleep(_POLL_SECONDS)
            return []
        ended, _ = self._ray.wait(list(self._calls), timeout=_POLL_SECONDS)
        return list(ended)

    def _collect(self, call: Any) -> Iterator[tuple[J, R]]:
        """Yield the job of a call that ended, with its result; nothing if its worker died."""
        worker, attempt = self._calls.pop(call)
        try:
            result = self._ray.get(call)
        except self._ray.exceptions.RayTaskError as error:
            # The job itself raised this; the worker is well.
            raise error.cause if isinstance(error.cause, Exception) else error from None
        except self._ray.exceptions.RayError as error:
            self._replace_worker(attempt, error)
            return
        self._idle.append(worker)
        if attempt is not None:
            self._unfinished -= 1
            yield attempt.job, result

    def _replace_worker(self, attempt: _Attempt[J] | None, error: Exception) -> None:
        """Start another worker for one that died, and try the job of the dead one again later."""
        if attempt is None:
            self._failed_starts += 1
            if self._failed_starts >= _MOST_FAILED_STARTS:
                reason = " ".join(str(error).split())[:300]
                raise ClusterError(f"workers end before they have begun: {reason}")
        else:
            self._try_again(attempt)
        self._start_worker()

    def _try_again(self, attempt: _Attempt[J]) -> None:
        number = attempt.number
        self._deaths[number] += 1
        deaths = self._deaths[number]
        job = self._after_death(attempt.job, self._workers.last_message(number), deaths)
        pause = min(_LONGEST_PAUSE, 2.0 ** (deaths - 1))
        heapq.heappush(self._waiting, _Attempt(time.monotonic() + pause, number, job))

    def _stop_a_surplus_worker(self) -> None:
        """Free the core of a worker for which no job is left."""
        if not self._waiting and len(self._idle) > self._unfinished:
            self._ray.kill(self._idle.pop())
