"""What the server and its scoring process tell each other."""

from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from avdf.events import Event


@dataclass(frozen=True)
class Detector:
    """What the scoring process loads: a run, and how.

    Its fields beside `run` are those of `LoadOptions` that `avdf serve` has options for. The server
    itself does not import `LoadOptions`: it needs torch.
    """

    run: Path
    checkpoint: str = "best"
    device: str = "auto"
    clip_weights: str = ""
    whisper_weights: str = ""


@dataclass(frozen=True)
class Task:
    """To the scoring process: score a file, and store what is found in its folder.

    name  that the user knows the file by
    """

    media: Path
    folder: Path
    name: str

    def renamed(self, text: str) -> str:
        """A message with the name that the user knows, instead of where the file is stored."""
        return _renamed(text, self.media, self.name)


@dataclass(frozen=True)
class CaseTask:
    """To the scoring process: make a case of a file.

    name      that the user knows the file by
    out       the new folder of the case
    ask       the question that the examination answers; '': a general one
    examiner  who examines the file; '': not stated
    copy      put a copy of the file into the case
    """

    media: Path
    name: str
    out: Path
    ask: str
    examiner: str
    copy: bool

    def renamed(self, text: str) -> str:
        """A message with the name that the user knows, instead of where the file is stored."""
        return _renamed(text, self.media, self.name)


def _renamed(text: str, media: Path, name: str) -> str:
    for stored in (str(media), media.name):
        text = text.replace(stored, name)
    return text


@dataclass(frozen=True)
class Ready:
    """The run is loaded."""


@dataclass(frozen=True)
class Refused:
    """The run cannot be loaded, for this reason."""

    reason: str


@dataclass(frozen=True)
class Found:
    """A file is scored, and its result is stored.

    verdict  for the list of files: `fake`, `sound fake`, ..., or `no verdict`
    remark   other verdicts that do not go with `real`; '' without any
    """

    verdict: str
    remark: str = ""


@dataclass(frozen=True)
class CaseMade:
    """The case is in its folder."""


@dataclass(frozen=True)
class Failed:
    """A file could not be scored, or a case could not be made, for this reason."""

    reason: str


Result = Found | CaseMade | Failed
Answer = Ready | Refused | Result | Event
# What the scoring process runs: it gets the other end of the connection.
ScoreFiles = Callable[[Connection, Detector], None]
