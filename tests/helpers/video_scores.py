"""Rows of `videos.csv` for tests of what is made of them."""

from typing import Any

from avdf.cache.core.video import VideoInfo
from avdf.model.scoring.rows import VideoScore, unscored_row
from avdf.model.verdicts import PerVerdict


def video_score(name: str, label: int, score: float | None, **known: Any) -> VideoScore:
    """A video with the same label and P(fake) for each verdict, and a video verdict from 0.5 on."""
    info = VideoInfo(
        id=name, path=name, label=label, label_visual=label, label_audio=label, **known
    )
    if score is None:
        return unscored_row(info, "no_face", "")
    return VideoScore(
        info=info,
        probability=PerVerdict(score, score, score),
        verdict=PerVerdict("", "", "fake" if score >= 0.5 else "real"),
        distance=score,
        segments=1,
    )
