"""Files that are unlike the validation videos get no likelihood ratio, and the reason is named."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import avdf
from avdf.cache.core.video import VideoInfo
from avdf.model.inference.segments import SegmentScores
from avdf.model.inference.validation import Validation
from avdf.model.likelihood.likeness_words import NOT_KEPT
from avdf.model.likelihood.reference_videos import ReferenceVideos
from avdf.model.scoring.rows import VideoScore
from avdf.model.verdicts import PerVerdict
from avdf.result_text import files_text
from tests.helpers.lavfi import file_input, make
from tests.helpers.tables import read_table

LR = avdf.ScoreOptions(lr=True)


def some_validation() -> Validation:
    """Twelve videos of each class, of which most are told apart."""
    labels = np.repeat([0, 1], 12)
    drawn = np.random.default_rng(3).normal(np.where(labels == 1, 1.0, -1.0))
    fake = 1 / (1 + np.exp(-drawn))
    scores = SegmentScores(
        np.arange(24), PerVerdict.same(fake), np.full((24, 16), np.nan)
    )
    infos = [
        VideoInfo(str(n), "", label=label, label_visual=label, label_audio=label)
        for n, label in enumerate(labels.tolist())
    ]
    return Validation.of_videos(scores, infos)


Change = Callable[[ReferenceVideos | None], ReferenceVideos | None]


def with_ratios(run: avdf.Run, change: Change) -> avdf.Run:
    """The run with enough validation scores for ratios, and changed reference videos."""
    info = replace(run.info, reference=change(run.info.reference))
    loaded = replace(run.loaded, info=info, validation=some_validation())
    return avdf.Run(loaded, run.options)


def of_many(reference: ReferenceVideos | None) -> ReferenceVideos | None:
    """The same ranges, as if of 50 videos."""
    assert reference is not None
    ranges = {name: replace(one, count=50) for name, one in reference.ranges.items()}
    return ReferenceVideos(50, ranges)


@pytest.fixture(scope="module")
def like(synthetic_manifest: Path) -> Path:
    """A validation video of the run."""
    return synthetic_manifest.parent / "p3_real.mp4"


def given(result: avdf.ScoreResult) -> set[str]:
    """The verdicts that have a likelihood ratio."""
    return {name for name, value in result.row.log10_ratio.items() if value is not None}


def test_a_file_like_the_validation_videos_keeps_its_ratios(
    loaded_run: avdf.Run, like: Path
) -> None:
    result = with_ratios(loaded_run, of_many).score(like, LR)
    assert given(result) == {"visual", "audio", "video"}
    assert "likelihood ratio" not in result.row.reason
    assert "compared with 50 validation videos" in str(result)


def test_a_small_face_withholds_the_ratios_of_the_picture(
    loaded_run: avdf.Run, like: Path, tmp_path: Path
) -> None:
    small = make(
        tmp_path / "small.mp4",
        file_input(like),
        options="-vf scale=86:86 -c:v libx264 -crf 10 -c:a copy",
    )
    # Of three validation videos; a third lies beyond twice their range.
    run = with_ratios(loaded_run, lambda reference: reference)
    result = run.score(small, LR, out=tmp_path / "scores")
    assert given(result) == {"audio"}
    words = (
        "likelihood ratio of visual and video withheld: the square around the face is"
    )
    assert words in result.row.reason and "in the 3 validation videos" in str(result)
    (row,) = read_table(tmp_path / "scores" / "videos.csv")
    assert words in row["reason"] and row["log10_lr_visual"] == ""
    assert row["verdict_visual"] == result.row.verdict.visual != ""
    report = (tmp_path / "scores" / "report.html").read_text()
    assert words in report and "language is not compared" in report


def test_a_telephone_withholds_the_ratios_of_the_sound(
    loaded_run: avdf.Run, like: Path, tmp_path: Path
) -> None:
    narrow = make(
        tmp_path / "narrow.mov",
        file_input(like),
        options="-c:v copy -ar 8000 -c:a pcm_s16le",
    )
    words = "the sound reaches up to"
    result = with_ratios(loaded_run, of_many).score(narrow, LR)
    assert given(result) == {"visual"}
    assert f"likelihood ratio of audio and video withheld: {words}" in result.row.reason
    # The range of three videos is uncertain.
    result = with_ratios(loaded_run, lambda found: found).score(narrow, LR)
    assert given(result) == {"visual", "audio", "video"}
    assert (
        f"likelihood ratio of audio and video uncertain: {words}" in result.row.reason
    )


def test_videos_of_shards_are_compared_too(loaded_run: avdf.Run, shards: Path) -> None:
    def narrow(reference: ReferenceVideos | None) -> ReferenceVideos | None:
        many = of_many(reference)
        assert many is not None
        side = replace(many.ranges["face_side"], quantiles=(9.0,) * 5)
        return replace(many, ranges={**many.ranges, "face_side": side})

    options = replace(LR, split="val")
    result = with_ratios(loaded_run, of_many).score(shards, options)
    assert [given_of(row) for row in result.scores.videos] == [3, 3, 3]
    result = with_ratios(loaded_run, narrow).score(shards, options)
    assert [given_of(row) for row in result.scores.videos] == [1, 1, 1]
    assert all("face" in row.reason for row in result.scores.videos)


def given_of(row: VideoScore) -> int:
    """How many ratios a row has."""
    return sum(value is not None for value in row.log10_ratio)


def test_an_older_run_says_that_nothing_was_kept(
    loaded_run: avdf.Run, like: Path
) -> None:
    result = with_ratios(loaded_run, lambda _: None).score(like, LR)
    assert given(result) == {"visual", "audio", "video"}
    assert NOT_KEPT in files_text(result.scores, result.judgement, {})
