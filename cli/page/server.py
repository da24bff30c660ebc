"""The server of the page: started, stopped by Ctrl-C or a signal, and cleared away."""

import asyncio
import logging
import socket
import threading
import webbrowser
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import uvicorn
from markupsafe import escape

from avdf.cache.core.errors import SettingsError
from avdf.cli.ending import ended_by_signals
from avdf.cli.page.access import LOOPBACK, Access
from avdf.cli.page.application import Page
from avdf.cli.page.case_archive import CaseArchive
from avdf.cli.page.job_queue import JobQueue
from avdf.cli.page.page_settings import PageSettings
from avdf.cli.page.private_folder import private_folder
from avdf.cli.page.worker import Worker, score_files
from avdf.pipeline.sources.synthetic_marker import mark_as_synthetic

_PATIENCE = 1  # seconds that running answers get when the server stops


def serve_page(
    settings: PageSettings,
    open_browser: bool,
    on_address: Callable[[str], None],
) -> None:
    """Serve the page until a signal ends it. Then nothing is left of the files.

    Args:
        on_address: called with the address when the page can be opened.

    Raises:
        RunError: the run cannot be loaded.
        SettingsError: the port is taken.
    """
    archive = None if settings.cases is None else CaseArchive(settings.cases)
    with (
        ended_by_signals(),
        closing(_listen(settings.port)) as listening,
        private_folder() as folder,
        closing(
            JobQueue(lambda: Worker(score_files, settings.detector), archive)
        ) as queue,
    ):
        if settings.synthetic:
            mark_as_synthetic(folder)
        queue.start()
        access = Access(listening.getsockname()[1])
        server = make_server(Page(settings, queue, folder, archive), access)
        on_address(access.address)
        if open_browser:
            _open_browser(_redirecting_file(folder, access.address))
        server.run(sockets=[listening])


def make_server(page: Page, access: Access) -> uvicorn.Server:
    """The server of HTTP, which logs nothing: addresses hold the token."""
    config = uvicorn.Config(
        page.application(access),
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="error",
        server_header=False,
        timeout_graceful_shutdown=_PATIENCE,
    )
    # After the settings of uvicorn, which replace those of its loggers.
    logging.getLogger("uvicorn.error").addFilter(_is_an_error)
    return uvicorn.Server(config)


def _is_an_error(record: logging.LogRecord) -> bool:
    """Whether a line says more than that a request was cut off when the server was stopped."""
    kind = record.exc_info[0] if record.exc_info else None
    is_cut_off = kind is not None and issubclass(kind, asyncio.CancelledError)
    return not is_cut_off and "timeout graceful shutdown" not in record.getMessage()


def _listen(port: int) -> socket.socket:
    """A socket that listens on the loopback address alone.

    Raises:
        SettingsError: the port is taken, or may not be used.
    """
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOOPBACK, port))
        # From now on a browser that comes early waits instead of being turned away.
        listening.listen()
    except OSError as error:
        listening.close()
        reason = error.strerror or str(error)
        raise SettingsError(
            f"port {port} cannot be used: {reason}; choose another, or 0 for any free one"
        ) from None
    return listening


def _open_browser(address: str) -> None:
    # A browser in the terminal takes the thread that opens it until it is closed.
    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


def _redirecting_file(folder: Path, address: str) -> str:
    """A file that leads a browser to the page.

    Other users of this machine can read the arguments of the browser, but not this file: so the
    token does not stand among the arguments.
    """
    path = folder / "open.html"
    path.touch(mode=0o600)
    path.write_text(
        f'<!doctype html><meta http-equiv="refresh" content="0; url={escape(address)}">',
        encoding="utf-8",
    )
    return path.as_uri()
