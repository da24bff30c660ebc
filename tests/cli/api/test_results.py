"""Results of scoring: a sequence of videos that prints well."""

import json
import math
import pickle
from dataclasses import replace
from pathlib import Path

import pytest

import avdf
from avdf.cache.core.errors import OneVideoError
from avdf.model.synchrony.calibration import SyncCalibration
from avdf.model.synchrony.judgement import SyncJudgement
from avdf.model.synchrony.offset_curves import OFFSETS_MS
from avdf.model.synchrony.synchrony import Synchrony
from avdf.verdict_result import SyncResult
from tests.helpers.tables import read_table


def test_a_verdict_is_one_readable_line() -> None:
    verdict = avdf.VerdictResult(0.9314, "fake", 0.4121)
    assert repr(verdict) == "fake   P(fake) 0.931 (fake from 0.412)"


def test_a_withheld_verdict_says_so() -> None:
    verdict = avdf.VerdictResult(0.9314, "", 0.4121)
    assert repr(verdict) == "not judged P(fake) 0.931 (fake from 0.412)"


def test_the_result_of_a_file_answers_for_its_only_video(
    file_result: avdf.ScoreResult,
) -> None:
    (video,) = file_result
    assert (file_result.video, file_result.visual) == (video.video, video.visual)
    assert file_result.audio == video.audio
    assert (file_result.status, file_result.reason) == (video.status, video.reason)
    assert file_result.timeline == video.timeline
    assert file_result.faces == video.faces


def test_the_result_of_several_videos_asks_for_one(
    shards_result: avdf.ScoreResult,
) -> None:
    with pytest.raises(
        OneVideoError,
        match=r"this result has 6 videos; .* result\[0\]\.video",
    ):
        shards_result.video  # noqa: B018


def test_what_several_videos_have_each_is_no_attribute_of_them_all(
    shards_result: avdf.ScoreResult,
) -> None:
    assert not hasattr(shards_result, "video")
    assert getattr(shards_result, "visual", None) is None


@pytest.mark.parametrize("name", ["file_result", "shards_result"])
def test_a_result_comes_back_from_another_process(
    name: str, request: pytest.FixtureRequest
) -> None:
    result: avdf.ScoreResult = request.getfixturevalue(name)
    copy: avdf.ScoreResult = pickle.loads(pickle.dumps(result))
    assert str(copy) == str(result)
    assert {**copy.as_dict(), "date": ""} == {**result.as_dict(), "date": ""}


def test_the_repr_is_one_line_whatever_the_file_is_called(
    file_result: avdf.ScoreResult,
) -> None:
    video = file_result[0]
    named = replace(video.row, info=replace(video.row.info, path="a\nb.mp4"))
    assert repr(replace(video, row=named)).startswith("a\\x0ab.mp4: video ")


def test_a_result_is_a_sequence(shards_result: avdf.ScoreResult) -> None:
    first, *others = shards_result
    assert shards_result[0] is first
    assert list(shards_result[1:]) == others
    assert first in shards_result


def test_segments_of_all_videos_are_reachable(shards_result: avdf.ScoreResult) -> None:
    by_video = [segment for video in shards_result for segment in video.segments]
    assert by_video == list(shards_result.segments)


def test_the_repr_of_one_video_is_one_line(file_result: avdf.ScoreResult) -> None:
    text = repr(file_result)
    assert text == repr(file_result[0])
    assert text.startswith(f"{file_result[0].path}: video ")
    assert "\n" not in text


def test_the_repr_of_several_videos_counts_them(
    shards_result: avdf.ScoreResult,
) -> None:
    assert repr(shards_result) == "6 of 6 videos scored"


def test_a_file_prints_its_verdicts_and_what_they_rest_on(
    file_result: avdf.ScoreResult,
) -> None:
    lines = str(file_result).splitlines()
    assert lines[0] == file_result[0].path
    assert [line.split()[0] for line in lines[1:4]] == ["video", "visual", "audio"]
    assert any(line.startswith("  face followed at 0.00-") for line in lines)
    assert any(line.startswith("Rests on ") for line in lines)


def test_shards_print_their_figures(shards_result: avdf.ScoreResult) -> None:
    lines = str(shards_result).splitlines()
    assert lines[0] == "6 of 6 videos scored, 12 segments"
    assert lines[1].startswith("protocol dataset, sha256 ")
    assert sum("every video were called fake" in line for line in lines) == 3


def test_everything_is_json(file_result: avdf.ScoreResult) -> None:
    document = json.loads(file_result.as_json())
    (video,) = document["videos"]
    (timeline,) = document["timelines"]["p4_real.mp4"]
    faces = document["faces"]["p4_real.mp4"]
    assert video["p_video"] == pytest.approx(file_result[0].row.probability.video)
    assert len(timeline["p_visual"]) == len(timeline["distance"])
    assert timeline["frames_per_second"] == 25
    assert faces["faces_at_once"] == 1 and faces["tracks"][0]["start"] == 0
    assert (
        document["files"]["p4_real.mp4"]["sha256"]
        == file_result.facts["p4_real.mp4"].sha256
    )


def test_the_dictionary_holds_what_the_json_does(file_result: avdf.ScoreResult) -> None:
    # The date is the time of the call.
    held, printed = file_result.as_dict(), json.loads(file_result.as_json())
    assert {**held, "date": ""} == {**printed, "date": ""}
    (video,) = held["videos"]
    assert (video["id"], video["p_video"]) == (
        file_result.id,
        file_result.row.probability.video,
    )


def test_the_dictionary_has_the_columns_and_figures_of_the_files_written(
    loaded_run: avdf.Run, shards: Path, tmp_path: Path
) -> None:
    held = loaded_run.score(shards, out=tmp_path / "scores").as_dict()
    for name in ("videos", "segments"):
        rows = read_table(tmp_path / "scores" / f"{name}.csv")
        assert list(held[name][0]) == list(rows[0])
        assert [row["id"] for row in held[name]] == [row["id"] for row in rows]
    text = (tmp_path / "scores" / "metrics.json").read_text(encoding="utf-8")
    written = json.loads(text)
    assert held["metrics"] == {name: written[name] for name in held["metrics"]}


def test_shards_have_no_facts_of_files(shards_result: avdf.ScoreResult) -> None:
    assert shards_result.facts == {}
    assert json.loads(shards_result.as_json())["files"] == {}


def test_a_withheld_verdict_of_a_file_is_not_complete(
    file_result: avdf.ScoreResult,
) -> None:
    withheld = replace(file_result.judgement, only_synthetic=True)
    assert file_result.complete
    assert not replace(file_result, judgement=withheld).complete


def test_figures_of_shards_are_complete_without_verdicts(
    shards_result: avdf.ScoreResult,
) -> None:
    withheld = replace(shards_result.judgement, only_synthetic=True)
    assert replace(shards_result, judgement=withheld).complete


def test_results_are_compared_by_identity(file_result: avdf.ScoreResult) -> None:
    # They hold arrays, which have no single answer to `==`.
    assert file_result in [file_result]
    assert file_result != replace(file_result)
    assert len({file_result, file_result[0]}) == 2


@pytest.mark.parametrize(
    "name", ["id", "path", "row", "intervals", "status", "reason", "faces", "timeline"]
)
def test_a_single_result_has_the_attributes_of_its_video(
    file_result: avdf.ScoreResult,
    name: str,
) -> None:
    assert getattr(file_result, name) is getattr(file_result[0], name)


def test_reprs_are_one_line(shards: Path, run: Path) -> None:
    results = [
        avdf.describe(shards),
        avdf.describe(run),
        avdf.verify(shards),
        avdf.list_protocols(),
        avdf.split_videos("dataset", shards),
        avdf.diagnose(),
    ]
    for result in results:
        assert "\n" not in repr(result) and len(repr(result)) < 200


# Synchrony

FOUND = Synchrony(0.1, 0.4, -80, 0.75, "out of sync", curve=(None, *(1.0,) * 50))


def with_sync(result: avdf.ScoreResult, found: Synchrony) -> avdf.VideoResult:
    """The only video of a result, had its run learned synchrony and found this."""
    calibration = SyncCalibration(
        slope=8.0,
        intercept=1.0,
        threshold=0.412,
        depth=0.25,
        genuine=20,
        apart=140,
        auc=0.95,
        interval=(0.9, 0.98),
        by_kind={},
        genuine_depth=0.5,
        segment_depth=0.6,
    )
    video = result[0]
    judgement = replace(video.judgement, sync=SyncJudgement(calibration, ""))
    return replace(video, row=replace(video.row, sync=found), judgement=judgement)


def test_synchrony_is_a_result_of_its_own(file_result: avdf.ScoreResult) -> None:
    found = with_sync(file_result, FOUND).sync
    assert found == SyncResult(FOUND, 0.412)
    assert (found.probability, found.threshold) == (0.75, 0.412)
    assert (found.verdict, found.offset_ms) == ("out of sync", -80)
    assert repr(found) == (
        "out of sync  P(apart) 0.750 (out of sync from 0.412): "
        "the sound fits best 80 ms early"
    )


def test_the_repr_of_a_video_names_its_synchrony(file_result: avdf.ScoreResult) -> None:
    video = with_sync(file_result, FOUND)
    assert repr(video).endswith(f", sync {video.sync!r}")


@pytest.mark.parametrize("found", [Synchrony(), Synchrony(0.1, 0.4, note="too short")])
def test_synchrony_that_was_not_examined_is_none(
    found: Synchrony, file_result: avdf.ScoreResult
) -> None:
    assert with_sync(file_result, found).sync is None


def test_a_run_that_cannot_judge_has_no_synchrony(
    file_result: avdf.ScoreResult,
) -> None:
    video = with_sync(file_result, FOUND)
    sync = replace(video.judgement.sync, note="not learned")
    judgement = replace(video.judgement, sync=sync)
    assert replace(video, judgement=judgement).sync is None


def test_a_withheld_verdict_on_synchrony_keeps_its_probability(
    file_result: avdf.ScoreResult,
) -> None:
    found = with_sync(file_result, replace(FOUND, verdict="")).sync
    assert found is not None
    assert (found.verdict, found.probability) == ("", 0.75)
    assert repr(found).startswith("not judged  P(apart) 0.750")


def test_the_document_holds_finite_curves(shards_result: avdf.ScoreResult) -> None:
    document = json.loads(shards_result.as_json(), parse_constant=pytest.fail)
    assert document["sync_offsets_ms"] == OFFSETS_MS == list(range(-1000, 1001, 40))
    curves = document["sync_curves"]
    assert set(curves) == {video.id for video in shards_result}
    for row in document["videos"]:
        curve = curves[row["id"]]
        known = [value for value in curve if value is not None]
        # 32 rows: half of them have something to be compared with up to 16 frames away. Silent
        # rows have nothing, which leaves out the farthest offsets.
        assert len(curve) == 51 and 30 <= len(known) <= 33
        assert all(math.isfinite(value) and 0 <= value <= 2 for value in known)
        median = sorted(curve[25 - 8 : 25 + 9])[8]
        assert row["sync"] == pytest.approx(curve[25] - median, abs=1e-3)
        assert row["sync_depth"] == pytest.approx(median - min(known), abs=1e-3)
    assert document["sync_note"] == shards_result.judgement.sync.note
    calibration = document["sync_calibration"]
    assert calibration is None or 0 <= calibration["threshold"] <= 1
