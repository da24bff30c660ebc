"""How jobs are given to workers, also when workers die. Ray is simulated: calls run at once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from avdf.cache.core.errors import ClusterError
from avdf.cache.machine import ray_jobs
from avdf.cache.machine.ray_actors import MessageBoard, SendMessage, Worker
from avdf.cache.machine.ray_jobs import _Schedule

Job = str
Work = Callable[[Job, SendMessage], str]


class RayError(Exception):
    """Stands for every error with which Ray reports the death of a worker."""


class RayTaskError(RayError):
    """Stands for the error with which Ray reports what a job raised."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


class DiedError(Exception):
    """A job raises it to end its worker."""


@dataclass(eq=False)
class Call:
    """A call that has ended: its result, or what `ray.get` raises for it."""

    result: Any = None
    error: Exception | None = None


class Remote:
    """A method of an actor that is called by `.remote(...)`."""

    def __init__(self, method: Callable[..., Any]) -> None:
        self._method = method

    def remote(self, *arguments: Any) -> Call:
        try:
            return Call(self._method(*arguments))
        except DiedError:
            return Call(error=RayError("the worker died"))
        except Exception as error:
            return Call(error=RayTaskError(error))


@dataclass
class SimulatedWorkers:
    """The workers of a schedule. The first `failed_starts` of them die at their start."""

    work: Work
    failed_starts: int = 0
    started: int = 0
    killed: list[Any] = field(default_factory=list)
    board: MessageBoard = field(default_factory=MessageBoard)

    def __post_init__(self) -> None:
        exceptions = SimpleNamespace(RayError=RayError, RayTaskError=RayTaskError)
        self.ray = SimpleNamespace(
            exceptions=exceptions,
            get=self.get,
            wait=self.wait,
            kill=self.killed.append,
        )

    def get(self, call: Call) -> Any:
        if call.error is not None:
            raise call.error
        return call.result

    def wait(self, calls: list[Call], timeout: float) -> tuple[list[Call], list[Call]]:
        assert timeout > 0
        return calls, []

    def start(self) -> Any:
        self.started += 1
        board = SimpleNamespace(post=Remote(self.board.post))
        worker = Worker(lambda: self.work, board)
        ready: Callable[[], None] = (
            self.die if self.started <= self.failed_starts else worker.ready
        )
        return SimpleNamespace(ready=Remote(ready), run=Remote(worker.run))

    def die(self) -> None:
        raise DiedError

    def unread_messages(self) -> list[str]:
        return self.board.take_unread()

    def last_message(self, job_number: int) -> str:
        return self.board.last(job_number)


@pytest.fixture(autouse=True)
def fast_clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock on which only pauses take time; the list holds the current time."""
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(
        ray_jobs, "time", SimpleNamespace(monotonic=lambda: now[0], sleep=sleep)
    )
    return now


def again(job: Job, _: str, __: int) -> Job:
    return job


def run(
    workers: SimulatedWorkers,
    jobs: Iterable[Job],
    most_workers: int = 2,
    after_death: Callable[[Job, str, int], Job] = again,
    on_message: SendMessage = lambda _: None,
) -> dict[Job, str]:
    simulated: Any = workers
    schedule: _Schedule[Job, str] = _Schedule(
        list(jobs), simulated, after_death, on_message
    )
    return dict(schedule.run(most_workers))


def loud(job: Job, send_message: SendMessage) -> str:
    send_message(f"at {job}")
    return job.upper()


def dying_at(fatal: Job, deaths: int) -> Work:
    """Work that kills its worker at one job, so many times."""
    left = [deaths]

    def work(job: Job, send_message: SendMessage) -> str:
        send_message(f"at {job}")
        if job == fatal and left[0]:
            left[0] -= 1
            raise DiedError
        return job.upper()

    return work


def test_every_job_is_done_once() -> None:
    assert run(SimulatedWorkers(loud), "abcde") == {job: job.upper() for job in "abcde"}


def test_no_more_workers_are_started_than_there_are_jobs() -> None:
    workers = SimulatedWorkers(loud)
    run(workers, "ab", most_workers=8)
    assert workers.started == 2


def test_without_jobs_nothing_is_started() -> None:
    workers = SimulatedWorkers(loud)
    assert run(workers, "") == {}
    assert workers.started == 0


def test_messages_of_workers_are_passed_on() -> None:
    messages: list[str] = []
    run(SimulatedWorkers(loud), "ab", on_message=messages.append)
    assert sorted(messages) == ["at a", "at b"]


def test_the_job_of_a_dead_worker_is_tried_again_by_a_new_one() -> None:
    workers = SimulatedWorkers(dying_at("b", deaths=1))
    assert run(workers, "abc") == {"a": "A", "b": "B", "c": "C"}
    assert workers.started == 3


def test_the_last_message_and_the_number_of_deaths_are_reported() -> None:
    reported: list[tuple[Job, str, int]] = []

    def after_death(job: Job, message: str, deaths: int) -> Job:
        reported.append((job, message, deaths))
        return job

    run(SimulatedWorkers(dying_at("b", deaths=2)), "abc", after_death=after_death)
    assert reported == [("b", "at b", 1), ("b", "at b", 2)]


def test_another_job_may_take_the_place_of_a_deadly_one() -> None:
    workers = SimulatedWorkers(dying_at("b", deaths=9))
    done = run(workers, "abc", after_death=lambda job, message, deaths: "x")
    assert done == {"a": "A", "x": "X", "c": "C"}


def test_the_pause_before_a_job_is_tried_again_doubles(fast_clock: list[float]) -> None:
    run(SimulatedWorkers(dying_at("a", deaths=4)), "a")
    assert fast_clock[0] >= 1 + 2 + 4 + 8


def test_the_pause_has_a_limit(fast_clock: list[float]) -> None:
    run(SimulatedWorkers(dying_at("a", deaths=10)), "a")
    assert fast_clock[0] < 1 + 2 + 4 + 8 + 16 + 5 * 30 + 10


def test_a_worker_that_fails_to_start_is_replaced() -> None:
    workers = SimulatedWorkers(loud, failed_starts=2)
    assert run(workers, "ab") == {"a": "A", "b": "B"}


def test_workers_that_always_fail_to_start_end_the_job() -> None:
    workers = SimulatedWorkers(loud, failed_starts=99)
    with pytest.raises(
        ClusterError,
        match="workers end before they have begun: the worker died",
    ):
        run(workers, "ab")


def test_an_error_of_a_job_is_raised_as_it_is() -> None:
    def work(job: Job, _: SendMessage) -> str:
        raise ZeroDivisionError(job)

    with pytest.raises(ZeroDivisionError, match="a"):
        run(SimulatedWorkers(work), "a")


def test_a_worker_without_a_job_left_is_stopped() -> None:
    workers = SimulatedWorkers(dying_at("a", deaths=1))
    run(workers, "ab")
    assert len(workers.killed) == 1


def test_the_board_keeps_the_last_message_and_gives_new_ones_once() -> None:
    board = MessageBoard()
    board.post(3, "first")
    board.post(3, "second")
    assert board.last(3) == "second"
    assert board.last(4) == ""
    assert board.take_unread() == ["first", "second"]
    assert board.take_unread() == []
