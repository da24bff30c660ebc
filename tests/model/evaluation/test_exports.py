"""Scores in the formats of other projects' programs."""

import json
from pathlib import Path

import numpy as np
import pytest

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.labels import FAKE, UNKNOWN
from avdf.model.evaluation.exports import export
from avdf.model.scoring.rows import ScoredVideos, SegmentRow, VideoScore
from avdf.model.verdicts import PerVerdict
from tests.helpers.timelines import timeline_with_peak
from tests.helpers.video_scores import video_score


def segments_of(name: str, *values: float | None) -> tuple[SegmentRow, ...]:
    return tuple(
        SegmentRow(
            name, 0.64 * number, 0.64 * (number + 1), PerVerdict.same(value), None
        )
        for number, value in enumerate(values)
    )


def written(out: Path, *videos: VideoScore, **more: object) -> dict[str, str]:
    export("av-deepfake1m", out, ScoredVideos(tuple(videos), (), **more))  # type: ignore[arg-type]
    lines = (out / "prediction.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split(";") for line in lines)


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        SettingsError,
        match="export 'kaggle': use one of av-deepfake1m",
    ):
        export("kaggle", tmp_path, ScoredVideos((), ()))


def test_a_video_that_could_not_be_scored_has_a_score_of_one_half(
    tmp_path: Path,
) -> None:
    found = written(
        tmp_path, video_score("a", FAKE, 0.75), video_score("lost", FAKE, None)
    )
    assert found == {"a": "0.75", "lost": "0.5"}


def test_files_are_spelled_as_the_metadata_of_av_deepfake1m_does(
    tmp_path: Path,
) -> None:
    found = written(
        tmp_path, video_score("val/x/y.mp4", FAKE, 0.5, dataset="av-deepfake1m")
    )
    assert list(found) == ["x/y.mp4"]


def test_other_datasets_keep_their_ids(tmp_path: Path) -> None:
    assert list(written(tmp_path, video_score("val/x.mp4", FAKE, 0.5))) == ["val/x.mp4"]


def test_without_timelines_there_are_no_proposals(tmp_path: Path) -> None:
    written(tmp_path, video_score("a", FAKE, 0.75))
    assert not (tmp_path / "proposals.json").exists()


def test_proposals_are_the_surest_first(tmp_path: Path) -> None:
    timelines = {"a": (timeline_with_peak(25, 50),)}
    written(tmp_path, video_score("a", FAKE, 0.75), timelines=timelines)
    found = json.loads((tmp_path / "proposals.json").read_text(encoding="utf-8"))["a"]
    assert found[0][1:] == [1.0, 2.0]
    assert [one[0] for one in found] == sorted((one[0] for one in found), reverse=True)


def test_a_video_without_proposals_has_one_that_is_below_all_others(
    tmp_path: Path,
) -> None:
    timelines = {"a": (timeline_with_peak(25, 50),)}
    videos = (video_score("a", FAKE, 0.75), video_score("b", FAKE, None))
    written(tmp_path, *videos, timelines=timelines)
    found = json.loads((tmp_path / "proposals.json").read_text(encoding="utf-8"))
    assert found["b"] == [[-1.0, 0.0, 0.001]]


def test_deepfakebench_groups_segments_by_video(tmp_path: Path) -> None:
    scores = ScoredVideos(
        (video_score("x/a", FAKE, 0.5),), segments_of("x/a", 0.25, 0.75)
    )
    export("deepfakebench", tmp_path, scores)
    with np.load(tmp_path / "deepfakebench.npz") as file:
        assert file["y_pred"].tolist() == [0.25, 0.75]
        assert file["y_true"].tolist() == [FAKE, FAKE]
        assert file["img_names"].tolist() == ["x__a/0000.000", "x__a/0000.640"]


def test_deepfakebench_leaves_out_what_has_no_label_or_no_score(tmp_path: Path) -> None:
    videos = (video_score("a", FAKE, 0.5), video_score("b", UNKNOWN, 0.5))
    segments = (*segments_of("a", 0.5, None), *segments_of("b", 0.5))
    export("deepfakebench", tmp_path, ScoredVideos(videos, segments))
    with np.load(tmp_path / "deepfakebench.npz") as file:
        assert file["img_names"].tolist() == ["a/0000.000"]


def test_deepfakebench_needs_a_labelled_segment(tmp_path: Path) -> None:
    with pytest.raises(
        SettingsError,
        match="no scored segment of a video with a known label",
    ):
        export(
            "deepfakebench", tmp_path, ScoredVideos((video_score("a", FAKE, 0.5),), ())
        )
