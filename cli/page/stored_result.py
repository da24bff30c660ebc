"""The result of one file as it is stored, and read again when the page shows it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DOCUMENT_FILE = "result.json"
MEL_FILE = "mel.jpg"

_NO_STRIP: dict[str, Any] = {"number": 0, "crops": [], "speech": ""}


def crop_file(face: int, number: int) -> str:
    """The name of a crop, by the number of its face and its place in the strip from 0."""
    return f"crop-{face}-{number}.jpg"


@dataclass(frozen=True)
class StoredFace:
    """What was found of one face, or of all of them where they are not told apart.

    number     of the face in the file, from 1; 0: faces are not told apart, or there is only one
    row        its line of `faces.csv`; empty where there is none
    crops      seconds of each crop of its strip; None where it was not followed
    timelines  one for each of its tracks: columns of values, frame by frame
    intervals  where one of its verdicts lies above its threshold
    tracks     when it was followed, and where
    speech     `speaks`, `does not speak`, ...; '' where nobody is seen beside it
    """

    number: int
    row: dict[str, Any]
    crops: list[float | None]
    timelines: list[dict[str, Any]]
    intervals: list[dict[str, Any]]
    tracks: list[dict[str, Any]]
    speech: str = ""


@dataclass(frozen=True)
class StoredResult:
    """What was found in one file.

    document  `result`: what `avdf score --json` prints; `run`: what a verdict rests on besides;
              `faces`: numbers of faces with the seconds of their crops; `span`: start and end of
              what crops and spectrogram cover; `offsets`: the offset curve as SVG
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
    def faces(self) -> list[StoredFace]:
        """Each face that was scored. Without any, what was found without a face (sound alone)."""
        strips = self.document["faces"] or [_NO_STRIP]
        rows = {row["face"]: row for row in self._faces.get("verdicts", [])}
        return [
            StoredFace(
                number=(number := strip["number"]),
                row=rows.get(number, {}),
                crops=strip["crops"],
                timelines=_of_face(self.timelines, number),
                intervals=_of_face(self.intervals, number),
                tracks=_of_face(self.tracks, number),
                speech=strip["speech"],
            )
            for strip in strips
        ]

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


def _of_face(rows: list[dict[str, Any]], number: int) -> list[dict[str, Any]]:
    """The rows of one face; all of them where faces are not told apart."""
    return [row for row in rows if not number or row.get("face") == number]
