"""What the server answers: the page, its files, and the requests of its script."""

import time
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    Response,
)
from starlette.routing import Route

from avdf.cli.page.access import Access
from avdf.cli.page.guard import Guard
from avdf.cli.page.job import Job
from avdf.cli.page.job_queue import MOST_JOBS, JobQueue
from avdf.cli.page.media_type import media_type
from avdf.cli.page.page_settings import PageSettings
from avdf.cli.page.result_view import result_context
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
_NOT_FOUND = "there is no such file in the list (any more)"


@dataclass(frozen=True)
class Page:
    """One server: its settings, its files, and the folder in which they are stored."""

    settings: PageSettings
    queue: JobQueue
    folder: Path

    def application(self, access: Access) -> Guard:
        """The server as an ASGI application."""
        job = "/jobs/{number:int}"
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
            Route(f"{job}/crops/{{crop:int}}", self.send_crop),
        ]
        handlers: dict[Any, Any] = {Exception: _internal_error}
        return Guard(Starlette(routes=routes, exception_handlers=handlers), access)

    async def show_page(self, request: Request) -> Response:
        """The page itself, without any file."""
        del request
        page = _TEMPLATES.get_template("page.html.j2").render(
            run=_short(self.settings.detector.run),
            synthetic=self.settings.synthetic,
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
        media = folder / stored_name(name)
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
        """One crop of the strip of faces."""
        return self._picture(request, crop_file(request.path_params["crop"]))

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
    }


def _short(run: Path) -> str:
    """The last two folders of a run: many runs are called `run`."""
    return "/".join(run.resolve().parts[-2:]).lstrip("/")


def _missing() -> Response:
    return PlainTextResponse(_NOT_FOUND, 404)


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
