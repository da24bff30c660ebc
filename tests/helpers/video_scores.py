"""Rows of `videos.csv` for tests of what is made of them."""

from typing import Any

from avdf.model.scoring.rows import VideoScore


def video_score(name: str, label: int, score: float | None, **known: Any) -> VideoScore:
    return VideoScore(
        id=name, path=name, label=label, label_visual=label, label_audio=label,
        p_visual=score, p_audio=score, p_video=score,
        verdict="" if score is None else "fake" if score >= 0.5 else "real", verdict_visual="", verdict_audio="",
        distance=score, segments=1, status="ok" if score is not None else "no_face", **known,
    )  # fmt: skip
