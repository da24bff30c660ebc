"""The two kinds of actors that a job on a Ray cluster consists of."""

from collections.abc import Callable
from typing import Any

SendMessage = Callable[[str], None]
Work = Callable[[Any, SendMessage], Any]  # (job, send_message) -> result


class MessageBoard:
    """An actor that keeps the last message of each job, so that it survives a worker's crash."""

    def __init__(self) -> None:
        self._last: dict[int, str] = {}
        self._unread: list[str] = []

    def post(self, job_number: int, message: str) -> None:
        """Keep a message from the worker at a job."""
        self._last[job_number] = message
        self._unread.append(message)

    def last(self, job_number: int) -> str:
        """The last message about a job; '' if there is none."""
        return self._last.get(job_number, "")

    def take_unread(self) -> list[str]:
        """The messages that came since the last call."""
        unread, self._unread = self._unread, []
        return unread


class Worker:
    """An actor that prepares its work once and then does one job after another."""

    def __init__(self, make_work: Callable[[], Work], board: Any) -> None:
        self._work = make_work()
        self._board = board

    def ready(self) -> None:
        """Return as soon as the work is prepared: Ray answers calls in order."""

    def run(self, job_number: int, job: Any) -> Any:
        """Do a job; its messages go to the board."""

        def send_message(message: str) -> None:
            self._board.post.remote(job_number, message)

        return self._work(job, send_message)
