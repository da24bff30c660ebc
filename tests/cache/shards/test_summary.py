"""What a folder holds: in numbers, and as a contact sheet."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from avdf.cache.shards.contact_sheet import contact_sheet
from avdf.cache.shards.summary import summarise
from tests.helpers.prepared import grey_track, grey_video, write_shard


def test_videos_tracks_frames_and_segments_are_counted(tmp_path: Path) -> None:
    write_shard(tmp_path, grey_video("a", [grey_track(40), grey_track(16, start=3.0)]))
    write_shard(tmp_path, grey_video("b", [grey_track(20)]), index=1)
    found = summarise(tmp_path)
    assert (found.shards, found.videos, found.tracks) == (2, 2, 3)
    assert (found.frames, found.segments) == (76, 4)
    assert found.hours == pytest.approx(76 / 25 / 3600)
    assert 0 < found.crop_bytes < found.bytes


def test_videos_are_counted_by_class(tmp_path: Path) -> None:
    real = grey_video("a", label=0, split="train")
    fake = grey_video("b", label=1, split="train", method="wav2lip")
    write_shard(tmp_path, real, fake, grey_video("c"))
    classes = summarise(tmp_path).classes
    assert classes["label"] == {"fake": 1, "real": 1, "unknown": 1}
    assert classes["split"] == {"(none)": 1, "train": 2}
    assert classes["method"] == {"(none)": 2, "wav2lip": 1}


@pytest.fixture
def captions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that are drawn from now on."""
    drawn: list[str] = []
    draw = cv2.putText

    def remember(
        image: npt.NDArray[np.uint8], text: str, *args: Any, **options: Any
    ) -> Any:
        drawn.append(text)
        return draw(image, text, *args, **options)

    monkeypatch.setattr(cv2, "putText", remember)
    return drawn


def test_a_contact_sheet_has_a_row_for_each_track(tmp_path: Path) -> None:
    tracks = [grey_track(32), grey_track(20, start=4.0)]
    write_shard(tmp_path, grey_video("a", tracks), grey_video("b"))
    assert contact_sheet(tmp_path).shape == (3 * (112 + 20), 8 * 112, 3)


def test_a_contact_sheet_has_at_most_so_many_rows(tmp_path: Path) -> None:
    write_shard(tmp_path, *(grey_video(name) for name in "abcd"))
    assert contact_sheet(tmp_path, most=2).shape[0] == 2 * (112 + 20)


def test_a_caption_has_the_id_and_the_time_in_the_file(
    tmp_path: Path,
    captions: list[str],
) -> None:
    tracks = [grey_track(32), grey_track(20, start=4.0)]
    write_shard(tmp_path, grey_video("two.mp4", tracks, offset=1.5))
    contact_sheet(tmp_path)
    assert captions == ["two.mp4  1.50-2.78 s", "two.mp4  5.50-6.30 s"]


def test_a_long_id_keeps_its_end(tmp_path: Path, captions: list[str]) -> None:
    write_shard(tmp_path, grey_video(f"{'x' * 200}ä.mp4"))
    contact_sheet(tmp_path)
    assert captions[0].startswith("...xxx")
    assert captions[0].endswith("x?.mp4  0.00-1.28 s")
    assert len(captions[0]) < 90


def test_a_caption_stands_on_white_above_its_crops(tmp_path: Path) -> None:
    write_shard(tmp_path, grey_video("a"))
    caption = contact_sheet(tmp_path)[:20]
    assert caption.min() < 60
    assert (caption[:, -8:] == 255).all()
