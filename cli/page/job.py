"""One uploaded file on its way to a verdict."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from avdf.cli.page.case_wish import CaseWish

State = Literal["waiting", "scoring", "done", "failed", "cancelled"]
ENDED: tuple[State, ...] = ("done", "failed", "cancelled")


@dataclass(frozen=True)
class Job:
    """An uploaded file, and how far it is.

    number   of the file, from 1; what is stored is named after it
    name     that the file has on the user's side: shown, and never used as a path
    folder   for the file and what is found in it
    media    the file; it is gone after a failure
    size     bytes
    state    `done`: there is a result, which may be that no verdict can be given
    words    while it is scored, what is going on; of a file that failed, why; of one that is real
             as a whole, other verdicts that do not go with it
    verdict  for the list of files: `fake`, `sound fake`, ...; '' until it is known
    begun    seconds of the monotonic clock at which scoring began; None before
    seconds  that scoring took; None until it has ended
    case     what the user wants to keep of it; None: nothing so far
    """

    number: int
    name: str
    folder: Path
    media: Path
    size: int
    state: State = "waiting"
    words: str = ""
    verdict: str = ""
    begun: float | None = None
    seconds: float | None = None
    case: CaseWish | None = None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens to it."""
        return self.state in ENDED
