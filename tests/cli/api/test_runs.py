"""`avdf.load`, `Run.score` and `avdf.score`."""

from pathlib import Path

import pytest

import avdf
from avdf.cache.core.errors import RunError, SettingsError, ShardError, SourceError
from avdf.events import Event
from tests.helpers.tables import read_table

CPU = avdf.LoadOptions(device="cpu")


def test_a_run_names_its_folder_and_its_checkpoint(
    loaded_run: avdf.Run,
    run: Path,
) -> None:
    assert loaded_run.folder == run
    assert loaded_run.info.epoch in (1, 2)
    assert repr(loaded_run).startswith(
        f"Run('{run}'): epoch {loaded_run.info.epoch}, validation"
    )


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no such run"):
        avdf.load(tmp_path / "nowhere")


def test_only_named_weights_replace_those_of_training() -> None:
    assert avdf.LoadOptions().weights == {}
    assert avdf.LoadOptions(clip_weights="a.pt").weights == {"clip_weights": "a.pt"}


def test_weights_that_are_not_there_are_refused(run: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.pt"):
        avdf.load(run, avdf.LoadOptions(clip_weights="none.pt"))


def test_a_single_file_has_three_verdicts(file_result: avdf.ScoreResult) -> None:
    for verdict in (file_result.visual, file_result.audio, file_result.video):
        assert verdict is not None
        assert 0 <= verdict.probability <= 1
        assert verdict.verdict == (
            "fake" if verdict.probability >= verdict.threshold else "real"
        )


def test_a_single_file_has_segments_a_timeline_and_faces(
    file_result: avdf.ScoreResult,
) -> None:
    assert (file_result.status, file_result.sync) == ("ok", None)
    assert [segment.end for segment in file_result.segments] == [0.64, 1.28]
    (timeline,) = file_result.timeline
    (face,) = file_result.faces
    assert len(timeline.distance) > 32
    assert face.start == 0 and face.end > 1


def test_shards_give_a_result_for_each_video(shards_result: avdf.ScoreResult) -> None:
    assert len(shards_result) == 6
    assert {video.status for video in shards_result} == {"ok"}
    assert all(len(video.segments) == 2 for video in shards_result)
    assert not shards_result.of_files


def test_a_file_and_its_shard_have_nearly_the_same_score(
    file_result: avdf.ScoreResult,
    shards_result: avdf.ScoreResult,
) -> None:
    (stored,) = [video for video in shards_result if video.id == "p4_real.mp4"]
    assert stored.video is not None and file_result.video is not None
    expected = pytest.approx(file_result.video.probability, abs=2e-3)
    assert stored.video.probability == expected


def test_nothing_is_written_without_a_folder(
    loaded_run: avdf.Run,
    shards: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    loaded_run.score(shards)
    assert not list(tmp_path.iterdir())


def test_tables_and_report_are_written_on_request(
    loaded_run: avdf.Run,
    shards: Path,
    tmp_path: Path,
) -> None:
    result = loaded_run.score(shards, out=tmp_path / "scores")
    written = {path.name for path in (tmp_path / "scores").iterdir()}
    assert {"videos.csv", "segments.csv", "metrics.json", "report.html"} <= written
    rows = read_table(tmp_path / "scores" / "videos.csv")
    assert [row["id"] for row in rows] == [video.id for video in result]


def test_a_folder_that_holds_a_run_is_not_written_to(
    loaded_run: avdf.Run,
    shards: Path,
) -> None:
    with pytest.raises(SettingsError, match="would be written over it"):
        loaded_run.score(shards, out=loaded_run.folder)


def test_scoring_in_one_call_gives_the_same(
    run: Path,
    shards: Path,
    shards_result: avdf.ScoreResult,
) -> None:
    result = avdf.score(run, shards, load_options=CPU)
    assert result.scores.videos == shards_result.scores.videos


def test_a_run_in_the_place_of_the_source_is_noticed(run: Path, shards: Path) -> None:
    with pytest.raises(SettingsError, match="write the run first"):
        avdf.score(shards, run)


def test_a_file_that_is_not_there_is_noticed_before_the_run_is_loaded(
    tmp_path: Path,
) -> None:
    with pytest.raises(SourceError, match="no such file or folder"):
        avdf.score(tmp_path / "no-run", tmp_path / "nowhere.mp4")


def test_a_broken_file_has_a_status_and_no_verdict(
    loaded_run: avdf.Run,
    tmp_path: Path,
) -> None:
    (tmp_path / "bad.mp4").write_bytes(b"x")
    result = loaded_run.score(tmp_path / "bad.mp4")
    assert (result.status, result.video, result.faces) == ("corrupt", None, ())
    assert not result.complete
    assert "no verdict (corrupt)" in repr(result)


def test_progress_of_shards_is_reported(loaded_run: avdf.Run, shards: Path) -> None:
    events: list[Event] = []
    loaded_run.score(shards, on_event=events.append)
    assert events[-1] == avdf.Progress("score", 12, 12, "segments")


def test_a_url_that_cannot_be_reached_is_refused(loaded_run: avdf.Run) -> None:
    with pytest.raises(ShardError, match="memory://nowhere"):
        loaded_run.score("memory://nowhere")
