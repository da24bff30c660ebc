"""What the server answers: the page, its files, and the requests of its script."""

import json
import time
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.requests import ClientDisconnect, Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    Response,
)
from starlette.routing import Route

from avdf.cache.core.errors import SettingsError
from avdf.cli.page.access import Access
from avdf.cli.page.case_archive import CaseArchive
from avdf.cli.page.case_wish import CaseWish
from avdf.cli.page.guard import REPORT_POLICY, Guard
from avdf.cli.page.job import Job
from avdf.cli.page.job_queue import MOST_JOBS, JobQueue
from avdf.cli.page.media_type import media_type
from avdf.cli.page.page_settings import PageSettings
from avdf.cli.page.result_view import result_context
from avdf.cli.page.run_name import run_name
from avdf.cli.page.stored_result import MEL_FILE, StoredResult, crop_file
from avdf.cli.page.upload import (
    UploadError,
    receive,
    shown_name,
    size_words,
    stored_name,
)

# Only these are sent: no path of a request ever names a file.
_STATIC = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
_MOST_WISH_BYTES = 1 << 16  # of what the page sends when a case is to be made
_NOT_FOUND = "there is no such file in the list (any more)"


class _Count(IntegerConvertor):
    """A number in an address. Python refuses to read one of thousands of digits."""

    regex = "[0-9]{1,9}"


register_url_convertor("count", _Count())


@dataclass(frozen=True)
class Page:
    """One server.

    folder   in which files are stored while they are in the list
    archive  the cases that are kept; None: none are
    """

    settings: PageSettings
    queue: JobQueue
    folder: Path
    archive: CaseArchive | None = None

    def application(self, access: Access) -> Guard:
        """The server as an ASGI application."""
        job = "/jobs/{number:count}"
        routes = [
            Route("/", self.show_page),
            Route("/static/{name}", self.send_static),
            Route("/jobs", self.list_jobs),
            Route("/jobs", self.take_file, methods=["POST"]),
            Route(job, self.remove_job, methods=["DELETE"]),
            Route(f"{job}/cancel", self.cancel_job, methods=["POST"]),
            Route(f"{job}/result", self.show_result),
            Route(f"{job}/timelines", self.send_timelines),
            Route(f"{job}/media", self.send_media),
            Route(f"{job}/mel", self.send_mel),
            Route(f"{job}/faces/{{face:count}}/crops/{{crop:count}}", self.send_crop),
            Route(f"{job}/case", self.ask_for_case, methods=["POST"]),
            Route("/cases", self.list_cases),
            Route("/cases/{name}/report", self.show_report),
        ]
        handlers: dict[Any, Any] = {
            FileNotFoundError: _removed_meanwhile,
            Exception: _internal_error,
        }
        return Guard(Starlette(routes=routes, exception_handlers=handlers), access)

    async def show_page(self, request: Request) -> Response:
        """The page itself, without any file."""
        del request
        page = _TEMPLATES.get_template("page.html.j2").render(
            run=run_name(self.settings.detector.run),
            synthetic=self.settings.synthetic,
            keeps_cases=self.archive is not None,
            largest=self.settings.largest_file,
            largest_words=size_words(self.settings.largest_file),
        )
        return HTMLResponse(page)

    async def send_static(self, request: Request) -> Response:
        """The script, the style sheet or the icon."""
        name = request.path_params["name"]
        kind = _STATIC.get(name)
        if kind is None:
            return _missing()
        content = files("avdf.cli.page").joinpath("static", name).read_bytes()
        return Response(content, media_type=kind)

    async def list_jobs(self, request: Request) -> Response:
        """All files with their state."""
        del request
        return JSONResponse([_summary(job) for job in self.queue.jobs])

    async def take_file(self, request: Request) -> Response:
        """Receive a file and let it wait for its turn: the body is the file, `name` its name."""
        if len(self.queue.jobs) >= MOST_JOBS:
            reason = f"the list holds {MOST_JOBS} files; remove some"
            return JSONResponse({"reason": reason}, 409)
        name = request.query_params.get("name", "")
        number = self.queue.next_number()
        folder = self.folder / f"{number:04d}"
        folder.mkdir(mode=0o700)
        media = folder / stored_name(name, number)
        declared = request.headers.get("content-length")
        try:
            size = await receive(
                request.stream(),
                media,
                int(declared) if declared else None,
                self.settings.largest_file,
            )
        except UploadError as error:
            folder.rmdir()
            return JSONResponse({"reason": str(error)}, error.status)
        # The user has closed the page, or does not want the file any more.
        except ClientDisconnect:
            folder.rmdir()
            return Response(status_code=400)
        job = Job(number, shown_name(name), folder, media, size)
        self.queue.add(job)
        return JSONResponse(_summary(job), 201)

    async def remove_job(self, request: Request) -> Response:
        """Take a file from the list, with all that is stored of it."""
        self.queue.remove(request.path_params["number"])
        return Response(status_code=204)

    async def cancel_job(self, request: Request) -> Response:
        """Score a file no more."""
        self.queue.cancel(request.path_params["number"])
        return Response(status_code=204)

    async def show_result(self, request: Request) -> Response:
        """The result of a file as a part of the page."""
        job = self._done(request)
        if job is None:
            return _missing()
        context = result_context(job, StoredResult.read(job.folder))
        context["keeps_cases"] = self.archive is not None
        template = _TEMPLATES.get_template("result.html.j2")
        return HTMLResponse(template.render(context))

    async def send_timelines(self, request: Request) -> Response:
        """The values of the timelines, for the words beside the cursor."""
        job = self._done(request)
        if job is None:
            return _missing()
        return JSONResponse(StoredResult.read(job.folder).timelines)

    async def send_media(self, request: Request) -> Response:
        """The file itself, whole or a range of it, for the player."""
        job = self._done(request)
        if job is None:
            return _missing()
        return FileResponse(job.media, media_type=media_type(job.media))

    async def send_mel(self, request: Request) -> Response:
        """The spectrogram."""
        return self._picture(request, MEL_FILE)

    async def send_crop(self, request: Request) -> Response:
        """One crop of the strip of a face."""
        place = request.path_params
        return self._picture(request, crop_file(place["face"], place["crop"]))

    async def ask_for_case(self, request: Request) -> Response:
        """Make a case of a file, when its turn comes."""
        job = self._done(request)
        if job is None or self.archive is None:
            return _missing()
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > _MOST_WISH_BYTES:
                return JSONResponse({"reason": "the texts are too long"}, 413)
        try:
            wish = CaseWish.parse(json.loads(body))
        except SettingsError as error:
            return JSONResponse({"reason": str(error)}, 400)
        except (ValueError, RecursionError):
            return JSONResponse({"reason": "this is no JSON"}, 400)
        if not self.queue.ask_for_case(job.number, wish):
            return JSONResponse({"reason": "this file has a case already"}, 409)
        return Response(status_code=202)

    async def list_cases(self, request: Request) -> Response:
        """The cases that are kept, the newest first."""
        del request
        cases = self.archive.cases() if self.archive else []
        return JSONResponse([asdict(case) for case in cases])

    async def show_report(self, request: Request) -> Response:
        """The report of a case: a page of its own, without any script."""
        name = request.path_params["name"]
        path = self.archive.report(name) if self.archive else None
        if path is None:
            return _missing()
        headers = {"Content-Security-Policy": REPORT_POLICY}
        return FileResponse(path, media_type="text/html", headers=headers)

    def _picture(self, request: Request, name: str) -> Response:
        job = self._done(request)
        if job is None or not (job.folder / name).is_file():
            return _missing()
        return FileResponse(job.folder / name, media_type="image/jpeg")

    def _done(self, request: Request) -> Job | None:
        """The file that a request is about, if it has a result."""
        job = self.queue.job(request.path_params["number"])
        return job if job is not None and job.state == "done" else None


def _summary(job: Job) -> dict[str, Any]:
    """What the list of files shows of one."""
    seconds = job.seconds
    if seconds is None and job.begun is not None:
        seconds = time.monotonic() - job.begun
    return {
        "number": job.number,
        "name": job.name,
        "size": size_words(job.size),
        "state": job.state,
        "words": job.words,
        "verdict": job.verdict,
        "seconds": seconds,
        "case": asdict(job.case) if job.case else None,
    }


def _missing() -> Response:
    return PlainTextResponse(_NOT_FOUND, 404)


async def _removed_meanwhile(request: Request, error: Exception) -> Response:
    """What is answered where a file was removed while its result was read."""
    del request, error
    return _missing()


async def _internal_error(request: Request, error: Exception) -> Response:
    """What is answered where the server itself failed; the terminal shows more."""
    del request, error
    return PlainTextResponse("internal error; the terminal shows more", 500)


def _environment() -> Environment:
    """Templates in which everything is escaped, and a name that is missing is an error."""
    environment = Environment(
        loader=PackageLoader("avdf.cli.page", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # A number of seconds for the attributes that the script reads.
    environment.filters["seconds"] = lambda value: f"{value:.3f}"
    environment.filters["number"] = lambda value: f"{value:.3f}"
    return environment


_TEMPLATES = _environment()
