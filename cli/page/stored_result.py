"""The result of one file as it is stored, and read again when the page shows it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DOCUMENT_FILE = "result.json"
MEL_FILE = "mel.jpg"


def crop_file(number: int) -> str:
    """The name of a crop, by its place in the strip from 0."""
    return f"crop-{number}.jpg"


@dataclass(frozen=True)
class StoredResult:
    """What was found in one file.

    document  `result`: what `avdf score --json` prints; `run`: what a verdict rests on besides;
              `crops`: seconds of each crop, or null; `span`: start and end of what they cover;
              `offsets`: the offset curve as SVG
    """

    document: dict[str, Any]

    @classmethod
    def read(cls, folder: Path) -> "StoredResult":
        """The result in the folder of a file."""
        text = (folder / DOCUMENT_FILE).read_text(encoding="utf-8")
        return cls(json.loads(text))

    @property
    def result(self) -> dict[str, Any]:
        """What `avdf score --json` prints."""
        found: dict[str, Any] = self.document["result"]
        return found

    @property
    def video(self) -> dict[str, Any]:
        """The only row of the table of videos."""
        found: dict[str, Any] = self.result["videos"][0]
        return found

    @property
    def run(self) -> dict[str, Any]:
        """What a verdict rests on, beside what the result says of it."""
        found: dict[str, Any] = self.document["run"]
        return found

    @property
    def file(self) -> dict[str, Any]:
        """Codecs, length and hash; empty where the file could not be read."""
        found: dict[str, Any] = self.result["files"].get(self.video["id"], {})
        return found

    @property
    def timelines(self) -> list[dict[str, Any]]:
        """One for each face track: columns of values, frame by frame."""
        found: list[dict[str, Any]] = self.result["timelines"].get(self.video["id"], [])
        return found

    @property
    def intervals(self) -> list[dict[str, Any]]:
        """Where a verdict lies above its threshold."""
        found: list[dict[str, Any]] = self.result["intervals"]
        return found

    @property
    def tracks(self) -> list[dict[str, Any]]:
        """When a face was followed, and where it was."""
        found: list[dict[str, Any]] = self._faces.get("tracks", [])
        return found

    @property
    def people(self) -> int | None:
        """How many persons were followed; None where that is not known."""
        found: int | None = self._faces.get("people")
        return found

    @property
    def end(self) -> float:
        """Seconds: the end of the file, or of what was examined if that is later."""
        ends = [self.file.get("duration") or 0.0]
        ends += [track["end"] for track in self.tracks]
        if self.document["span"]:
            ends.append(self.document["span"][1])
        return max(ends)

    @property
    def _faces(self) -> dict[str, Any]:
        found: dict[str, Any] = self.result["faces"].get(self.video["id"]) or {}
        return found
