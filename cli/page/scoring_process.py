"""The process that holds the run and scores one file at a time."""

import os
import signal
import traceback
from multiprocessing.connection import Connection

from avdf import AvdfError, LoadOptions, ScoreOptions, load
from avdf.cli.page.messages import Detector, Failed, Found, Ready, Refused, Task
from avdf.cli.page.result_files import store_result
from avdf.runs import Run

_INTERNAL = "internal error; the terminal in which avdf serve runs shows more"

# Likelihood ratios are what a report for others should give; where the validation videos support
# none, the page says so.
_OPTIONS = ScoreOptions(lr=True)


def score_until_closed(connection: Connection, detector: Detector) -> None:
    """Load the run, then score what comes, until the server closes the connection."""
    # A session of its own: Ctrl-C in the terminal reaches the server alone, which then ends this
    # process together with the decoders that it has started.
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        options = LoadOptions(
            checkpoint=detector.checkpoint,
            device=detector.device,
            clip_weights=detector.clip_weights,
            whisper_weights=detector.whisper_weights,
        )
        run = load(detector.run, options)
    except AvdfError as error:
        connection.send(Refused(str(error)))
        return
    connection.send(Ready())
    while True:
        try:
            task = connection.recv()
        except EOFError:
            return
        connection.send(_attempt(run, task, connection))


def _attempt(run: Run, task: Task, connection: Connection) -> Found | Failed:
    """Score one file. Whatever happens, the process goes on with the next."""
    try:
        result = run.score(task.media, _OPTIONS, on_event=connection.send)
        verdict = store_result(run, result, task)
    except AvdfError as error:
        return Failed(task.renamed(str(error)))
    except Exception as error:
        traceback.print_exc()
        return Failed(task.renamed(f"{_INTERNAL} ({type(error).__name__})"))
    return Found(verdict)
