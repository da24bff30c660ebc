"""Scoring processes that compute nothing, for tests of what the server does around them.

What a file is called decides what happens to it: `slow` never ends, `crash` ends the process,
`fault` fails; every other file gets a stored result without verdicts. A case is begun and never
finished; with the question `crash`, the process ends.
"""

import json
import os
import signal
import time
from multiprocessing.connection import Connection

from avdf.cli.page.messages import CaseTask, Detector, Failed, Found, Ready, Refused
from avdf.events import Progress

NO_RESULT = {
    "result": {
        "videos": [
            {
                "id": "media",
                "status": "corrupt",
                "reason": "<b>not</b> a video",
                "examined": "",
            }
        ],
        "thresholds": {"video": 0.5, "visual": 0.5, "audio": 0.5, "defaults": []},
        "rests_on": "",
        "notes": [],
        "run_notes": [],
        "files": {},
        "timelines": {},
        "intervals": [],
        "faces": {},
    },
    "run": {
        "name": "run",
        "epoch": 1,
        "validation": "",
        "weights_note": "",
        "withheld": "",
        "ratio_support": {},
        "ratios": {},
        "sync_basis": "",
        "sync_threshold": None,
    },
    "faces": [],
    "faces_left_out": 0,
    "span": None,
    "offsets": "",
}


def stand_in(connection: Connection, detector: Detector) -> None:
    """Answer as the scoring process does."""
    del detector
    os.setsid()
    connection.send(Ready())
    while True:
        try:
            task = connection.recv()
        except EOFError:
            return
        connection.send(Progress("score", 0, 1, "videos"))
        if isinstance(task, CaseTask):
            task.out.with_name(f".{task.out.name}.here-1.partial").mkdir()
            if "crash" in task.ask:
                os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(600)
        if "slow" in task.name:
            words = f"reading {task.media.name}: 0:30 of 1:02"
            connection.send(Progress("score", 0, 1, "videos", words))
            time.sleep(600)
        if "crash" in task.name:
            os.kill(os.getpid(), signal.SIGKILL)
        if "fault" in task.name:
            connection.send(Failed("internal error (ValueError)"))
            continue
        text = json.dumps(NO_RESULT)
        (task.folder / "result.json").write_text(text, encoding="utf-8")
        connection.send(Found("no verdict"))


def refusing(connection: Connection, detector: Detector) -> None:
    """Cannot load the run."""
    connection.send(Refused(f"{detector.run}: no run"))


def dying(connection: Connection, detector: Detector) -> None:
    """Ends before the run is loaded."""
    del connection, detector
    os.kill(os.getpid(), signal.SIGKILL)
