"""`avdf.prepare` and `avdf.examine`."""

from pathlib import Path

import pytest

import avdf
from avdf.cache.core.errors import SettingsError, SourceError
from avdf.cache.core.video import VideoInfo
from avdf.events import Event
from avdf.pipeline.job.video_row import VideoRow


def failed_row(name: str) -> VideoRow:
    return VideoRow.failed(VideoInfo(id=name, path=name), "no_face", "no face found")


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A folder with one file that is no video."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.mp4").write_bytes(b"x")
    return folder


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"executor": "slurm"}, "use local or ray"),
        ({"faces": "some"}, "main or all"),
        ({"codec": "webp"}, "webp"),
        ({"max_seconds": 0.0}, "must be above 0"),
        ({"smallest_face": 3}, "smallest_face is 3"),
        ({"videos_per_shard": -1}, "videos_per_shard is -1"),
        ({"executor": "ray", "workers": -1}, "workers -1"),
    ],
)
def test_options_that_cannot_be_used_are_refused_when_built(
    options: dict[str, object],
    message: str,
) -> None:
    with pytest.raises(SettingsError, match=message):
        avdf.PrepareOptions(**options)  # type: ignore[arg-type]


def test_options_become_the_settings_of_the_job() -> None:
    options = avdf.PrepareOptions(
        codec="png",
        faces="all",
        smallest_face=40,
        max_seconds=9.0,
    )
    settings = options.settings()
    assert (settings.codec.name, settings.faces) == ("png", "all")
    assert (settings.face.smallest, settings.limits.seconds) == (40, 9.0)


def test_only_ray_needs_a_cluster() -> None:
    assert avdf.PrepareOptions().cluster() is None
    cluster = avdf.PrepareOptions(
        executor="ray",
        device="cuda",
        address="auto",
    ).cluster()
    assert cluster is not None
    assert (cluster.address, cluster.gpus) == ("auto", 1.0)


@pytest.mark.usefixtures("in_this_process")
def test_a_video_that_fails_is_a_row(broken: Path, tmp_path: Path) -> None:
    result = avdf.prepare(broken, tmp_path / "out")
    (row,) = result.rows
    assert (row.status, result.statuses) == ("corrupt", {"corrupt": 1})
    assert result.failed == result.rows
    assert (tmp_path / "out" / "videos.csv").is_file()


@pytest.mark.usefixtures("in_this_process")
def test_prepared_again_nothing_is_done(broken: Path, tmp_path: Path) -> None:
    avdf.prepare(broken, tmp_path / "out")
    again = avdf.prepare(broken, tmp_path / "out")
    assert again.new == 0
    assert "nothing to do" in repr(again)


@pytest.mark.usefixtures("in_this_process")
def test_without_sources_a_plan_is_finished(broken: Path, tmp_path: Path) -> None:
    avdf.prepare(broken, tmp_path / "out")
    assert len(avdf.prepare((), tmp_path / "out").rows) == 1


@pytest.mark.usefixtures("in_this_process")
def test_progress_is_reported(broken: Path, tmp_path: Path) -> None:
    events: list[Event] = []
    avdf.prepare(broken, tmp_path / "out", on_event=events.append)
    assert avdf.Progress("prep", 1, 1, "videos", "0 frames kept, 1 failed") in events


@pytest.mark.usefixtures("in_this_process")
def test_files_that_are_not_listed_are_noted(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a.mp4", "notes.txt"):
        (tmp_path / "in" / name).write_bytes(b"x")
    events: list[Event] = []
    avdf.prepare(tmp_path / "in", tmp_path / "out", on_event=events.append)
    notes = [str(event) for event in events if isinstance(event, avdf.Note)]
    assert any("notes.txt" in note for note in notes)


def test_no_source_is_refused_where_there_is_nothing_to_finish(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no source given"):
        avdf.prepare((), tmp_path / "out")


def test_a_folder_of_other_files_is_not_written_to(
    broken: Path,
    tmp_path: Path,
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_bytes(b"x")
    with pytest.raises(SettingsError, match=r"thesis\.tex"):
        avdf.prepare(broken, tmp_path / "out")


def test_the_result_names_the_videos_that_failed(tmp_path: Path) -> None:
    result = avdf.PrepareResult(tmp_path, (failed_row("a"),), 1)
    first, second = str(result).splitlines()
    assert first == f"1 video: 1 no_face (1 done now); 0 frames of faces in {tmp_path}"
    assert second == "  no_face      a: no face found"


def test_the_result_names_at_most_forty_failures(tmp_path: Path) -> None:
    rows = tuple(failed_row(f"v{number}") for number in range(45))
    *_, last = str(avdf.PrepareResult(tmp_path, rows, 45)).splitlines()
    assert last == f"  ... and 5 more: see {tmp_path / 'videos.csv'}"


def test_examine_counts_without_preparing(synthetic_manifest: Path) -> None:
    found = avdf.examine(synthetic_manifest)
    text = str(found)
    assert found.complete
    assert repr(found) == "18 videos, 0 manipulated periods"
    assert "identities in more than one split: 0" in text
    assert "listed but missing: 0" in text


def test_examine_names_what_is_missing(tmp_path: Path) -> None:
    manifest = tmp_path / "m.csv"
    lines = [f"v{number}.mp4,0" for number in range(5)]
    manifest.write_text("\n".join(["path,label", *lines]) + "\n", encoding="utf-8")
    found = avdf.examine(manifest)
    (line,) = [
        line
        for line in str(found).splitlines()
        if line.startswith("listed but missing")
    ]
    assert not found.complete
    assert line.startswith("listed but missing: 5 (") and line.endswith("v2.mp4, ...)")
