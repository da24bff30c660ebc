"""What is stored of a scored file for the page."""

from dataclasses import replace

import numpy as np

from avdf.cli.page.result_files import shown_faces
from avdf.model.report.evidence import Evidence
from avdf.model.scoring.face_rows import MOST_SHOWN, FaceRow
from avdf.model.scoring.seen_face import SeenFace

ALONE = Evidence(
    0.0, 1.0, (), np.zeros((0, 8, 8, 3), np.uint8), np.zeros((80, 100), np.float32), ()
)


def row(face: int, segments: int, decides: str = "") -> FaceRow:
    seen = SeenFace(face, 0.0, 1.0, 1.0, 1, 0, 0, 9, 9)
    return FaceRow("a", seen, segments=segments, decides=decides)


def test_the_faces_of_the_report_are_shown_in_its_order() -> None:
    rows = [row(face, segments=face) for face in range(1, 12)]
    rows[0] = replace(rows[0], decides="video")
    evidence = replace(ALONE, by_face=dict.fromkeys(range(1, 12), ALONE))
    shown = list(shown_faces(evidence, rows))
    assert shown == [1, 11, 10, 9, 8, 7, 6, 5] and len(shown) == MOST_SHOWN


def test_the_only_face_has_no_number() -> None:
    assert list(shown_faces(ALONE, [row(1, 3)])) == [0]
