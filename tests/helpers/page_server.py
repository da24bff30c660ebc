"""A server of the page within the tests, and a client that sends exactly what it is told to."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection
from json import loads
from pathlib import Path
from typing import Any
from urllib.parse import quote

from avdf.cli.page.access import Access
from avdf.cli.page.application import Page
from avdf.cli.page.case_archive import CaseArchive
from avdf.cli.page.job_queue import JobQueue
from avdf.cli.page.messages import ScoreFiles
from avdf.cli.page.page_settings import PageSettings
from avdf.cli.page.server import make_server
from avdf.cli.page.worker import Worker

PATIENCE = 60.0  # seconds


@dataclass(frozen=True)
class Answer:
    """What the server has answered; names of headers in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return loads(self.body)


@dataclass(frozen=True)
class Client:
    """Sends requests as the page does, or with other headers; paths are not changed on the way.

    token  None: requests carry none
    """

    port: int
    token: str | None
    headers: Mapping[str, str] = field(default_factory=dict)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        **changed: str | None,
    ) -> Answer:
        """The answer to a request.

        Args:
            changed: headers, with `_` in their names for `-`; None leaves one out.
        """
        headers = {
            "Origin": f"http://127.0.0.1:{self.port}",
            "Host": f"127.0.0.1:{self.port}",
            "Cookie": f"avdf_{self.port}={self.token}" if self.token else None,
        }
        headers |= {name.replace("_", "-"): value for name, value in changed.items()}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with closing(connection):
            connection.putrequest(method, path, skip_host=True)
            if body is not None:
                headers.setdefault("Content-Length", str(len(body)))
            for name, value in headers.items():
                if value is not None:
                    connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read())

    def get(self, path: str, **changed: str | None) -> Answer:
        return self.ask("GET", path, None, **changed)

    def upload(self, name: str, content: bytes) -> Answer:
        return self.ask("POST", f"/jobs?name={quote(name, safe='')}", content)

    def job(self, number: int) -> dict[str, Any]:
        """What the list shows of a file."""
        (found,) = [job for job in self.get("/jobs").json if job["number"] == number]
        return dict(found)

    def wait_for_case(self, number: int) -> None:
        """Wait until the case of a file is made."""
        end = time.monotonic() + PATIENCE
        while (case := self.job(number)["case"])["state"] != "made":
            assert case["state"] != "failed" and time.monotonic() < end, case
            time.sleep(0.05)

    def wait_for(self, number: int, *states: str) -> dict[str, Any]:
        """What the list shows of a file when it has one of these states."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            job = self.job(number)
            if job["state"] in states:
                return job
            time.sleep(0.05)
        raise AssertionError(f"file {number} is still {self.job(number)}")


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for what the server does in its own time."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


@contextmanager
def serving(
    score_files: ScoreFiles, settings: PageSettings, folder: Path
) -> Iterator[Client]:
    """A server on a free port, in a thread, until the block ends."""
    worker_of = partial(Worker, score_files, settings.detector)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    archive = None if settings.cases is None else CaseArchive(settings.cases)
    with closing(listening), closing(JobQueue(worker_of, archive)) as queue:
        queue.start()
        access = Access(listening.getsockname()[1])
        server = make_server(Page(settings, queue, folder, archive), access)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield Client(access.port, access.token)
        finally:
            server.should_exit = True
            thread.join()
