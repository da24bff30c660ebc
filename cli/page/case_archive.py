"""The folder in which cases are kept, and what the page shows of them."""

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.safe_text import printable

_DOCUMENT, _REPORT = "case.json", "report.html"
_MOST = 200  # cases that are listed, the newest first
_MOST_BYTES = 1 << 26  # of a document; a larger one is not read


@dataclass(frozen=True)
class KeptCase:
    """A case in the folder.

    name      of its folder
    written   time in UTC, as the case states it
    file      its name, as the case shows it
    question  that the examination answers
    verdict   on the video or, without one, the first that was given; '' where none was
    """

    name: str
    written: str
    file: str
    question: str
    verdict: str


class CaseArchive:
    """The folder of cases; it is made if it is not there.

    Raises:
        SettingsError: there is something else in its place.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # A case does not change: each is read once.
        self._known: dict[tuple[str, int], KeptCase | None] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = error.strerror or str(error)
            raise SettingsError(
                f"{folder}: cases cannot be kept there ({reason}); name a folder"
            ) from None

    def new_folder(self) -> Path:
        """A folder that is not there yet, named after the time (UTC)."""
        base = datetime.now(UTC).strftime("case-%Y%m%d-%H%M%S")
        names = [base, *(f"{base}-{number}" for number in range(2, 1000))]
        return next(
            folder for name in names if not (folder := self.folder / name).exists()
        )

    def remove_unfinished(self, folder: Path) -> None:
        """Remove what is left of a case whose making was ended: it was not in its folder yet."""
        for left in self.folder.glob(f".{folder.name}.*.partial"):
            shutil.rmtree(left, ignore_errors=True)

    def cases(self) -> list[KeptCase]:
        """The cases of the folder, the newest first."""
        found = []
        for path in self.folder.iterdir():
            document = path / _DOCUMENT
            if path.name.startswith(".") or path.is_symlink() or not document.is_file():
                continue
            key = (path.name, document.stat().st_mtime_ns)
            if key not in self._known:
                self._known[key] = _read(document)
            case = self._known[key]
            if case is not None:
                found.append(case)
        return sorted(found, key=lambda case: case.written, reverse=True)[:_MOST]

    def report(self, name: str) -> Path | None:
        """The report of a case; None if the folder has no such case."""
        # Only a name that is listed becomes a path.
        if name not in [case.name for case in self.cases()]:
            return None
        path = self.folder / name / _REPORT
        return path if path.is_file() and not path.is_symlink() else None


def _read(path: Path) -> KeptCase | None:
    """What the page shows of a case; None if its document is not one that avdf writes."""
    if path.stat().st_size > _MOST_BYTES:
        return None
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return KeptCase(
            name=path.parent.name,
            written=str(document["written"]),
            file=_file_name(document),
            # A case may come from a stranger: marks that control the reading direction stay out.
            question=printable(str(document["question"]), keep="\n"),
            verdict=_verdict(document["findings"]),
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _file_name(document: dict[str, Any]) -> str:
    """Cases of older versions name the file by its path alone."""
    return str(document.get("file_name") or Path(document["file"]["path"]).name)


def _verdict(findings: list[dict[str, Any]]) -> str:
    given = {finding["name"]: finding["verdict"] for finding in findings}
    verdicts = [given.get(name) for name in ("video", "visual", "audio")]
    return next((str(verdict) for verdict in verdicts if verdict), "")
