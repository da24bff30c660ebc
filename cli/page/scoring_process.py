"""The process that holds the run and scores one file at a time."""

import os
import signal
import traceback
from multiprocessing.connection import Connection

from avdf import AvdfError, CaseOptions, LoadOptions, ScoreOptions, load, make_case
from avdf.cli.page.messages import (
    CaseMade,
    CaseTask,
    Detector,
    Failed,
    Found,
    Ready,
    Refused,
    Result,
    Task,
)
from avdf.cli.page.result_files import store_result
from avdf.runs import Run

_INTERNAL = "internal error; the terminal in which avdf serve runs shows more"


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


def _attempt(run: Run, task: Task | CaseTask, connection: Connection) -> Result:
    """Do what is asked. Whatever happens, the process goes on with the next task."""
    try:
        if isinstance(task, Task):
            return _score(run, task, connection)
        return _make_case(run, task, connection)
    except AvdfError as error:
        reason = str(error)
    except Exception as error:
        traceback.print_exc()
        reason = f"{_INTERNAL} ({type(error).__name__})"
    return Failed(task.renamed(reason))


def _score(run: Run, task: Task, connection: Connection) -> Found:
    # Likelihood ratios are what a report for others should give. An old run keeps no validation
    # scores that could support them.
    options = ScoreOptions(lr=run.loaded.validation is not None)
    result = run.score(task.media, options, on_event=connection.send)
    return store_result(run, result, task)


def _make_case(run: Run, task: CaseTask, connection: Connection) -> CaseMade:
    options = CaseOptions(
        ask=task.ask, examiner=task.examiner, name=task.name, copy=task.copy
    )
    make_case(task.media, run, task.out, options, on_event=connection.send)
    return CaseMade()
