"""Options of scoring, and what they ask for together."""

import hashlib
import shutil
from pathlib import Path

import pytest

import avdf
from avdf.cache.core.errors import SettingsError
from avdf.events import Event, ignore
from avdf.score_request import make_request
from tests.helpers.media import ffmpeg
from tests.helpers.tables import read_table


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"executor": "slurm"}, "use local or ray"),
        ({"stride": 5}, "stride is 5"),
        ({"perturb": ("fog",)}, "fog"),
        ({"max_seconds": float("nan")}, "above 0 and finite"),
        ({"smallest_face": 5}, "smallest_face is 5"),
    ],
)
def test_options_that_cannot_be_used_are_refused_when_built(
    options: dict[str, object],
    message: str,
) -> None:
    with pytest.raises(SettingsError, match=message):
        avdf.ScoreOptions(**options)  # type: ignore[arg-type]


def test_a_perturbation_without_a_level_means_all_five() -> None:
    options = avdf.ScoreOptions(perturb=("jpeg", "blur:2"))
    names = [perturbation.name for perturbation in options.perturbations]
    assert names == ["jpeg:1", "jpeg:2", "jpeg:3", "jpeg:4", "jpeg:5", "blur:2"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (avdf.ScoreOptions(executor="ray"), "prepare the files first"),
        (avdf.ScoreOptions(perturb=("jpeg",)), "give an output folder"),
        (avdf.ScoreOptions(exports=("deepfakebench",)), "give an output folder"),
    ],
)
def test_files_cannot_be_scored_so(
    options: avdf.ScoreOptions,
    message: str,
    run: Path,
    clip: Path,
) -> None:
    with pytest.raises(SettingsError, match=message):
        make_request(run, [clip], options, None, "", ignore)


def test_ray_gives_no_timelines(run: Path, shards: Path) -> None:
    options = avdf.ScoreOptions(executor="ray", timeline=True)
    with pytest.raises(SettingsError, match="scores segments alone"):
        make_request(run, [shards], options, None, "", ignore)


def test_notes_on_the_files_are_reported(run: Path, tmp_path: Path) -> None:
    for name in ("a.mp4", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    events: list[Event] = []
    request = make_request(
        run, [tmp_path], avdf.ScoreOptions(), None, "", events.append
    )
    assert [info.id for info in request.files] == ["a.mp4"]
    assert any("notes.txt" in str(event) for event in events)


def test_a_single_file_reports_progress(loaded_run: avdf.Run, clip: Path) -> None:
    events: list[Event] = []
    loaded_run.score(clip, on_event=events.append)
    assert events == [
        avdf.Progress("score", 0, 1, "videos"),
        avdf.Progress("score", 1, 1, "videos"),
    ]


def test_files_report_progress_one_by_one(
    loaded_run: avdf.Run, clip: Path, tmp_path: Path
) -> None:
    """A file that cannot be scored counts too."""
    (tmp_path / "bad.mp4").write_bytes(b"x")
    events: list[Event] = []
    loaded_run.score([clip, tmp_path / "bad.mp4"], on_event=events.append)
    done = [event.done for event in events if isinstance(event, avdf.Progress)]
    assert done == [0, 1, 2]


def test_a_file_that_cannot_be_read_has_no_facts(
    loaded_run: avdf.Run,
    clip: Path,
    tmp_path: Path,
) -> None:
    (tmp_path / "bad.mp4").write_bytes(b"x")
    result = loaded_run.score([clip, tmp_path / "bad.mp4"])
    assert list(result.facts) == ["p4_real.mp4"]


def test_the_hash_is_that_of_what_was_scored(
    loaded_run: avdf.Run, clip: Path, tmp_path: Path
) -> None:
    """Whatever becomes of the file afterwards."""
    changed, removed = tmp_path / "changed.mp4", tmp_path / "removed.mp4"
    for path in (changed, removed):
        shutil.copy(clip, path)
    result = loaded_run.score([changed, removed])
    changed.write_bytes(b"other content")
    removed.unlink()
    scored = hashlib.sha256(clip.read_bytes()).hexdigest()
    hashes = {name: facts.sha256 for name, facts in result.facts.items()}
    assert hashes == {"changed.mp4": scored, "removed.mp4": scored}


def test_a_file_with_nothing_to_judge_has_its_hash_too(
    loaded_run: avdf.Run, tmp_path: Path
) -> None:
    """Neither a face nor sound."""
    blank = tmp_path / "blank.mp4"
    black = ("-f", "lavfi", "-i", "color=size=320x240:rate=25")
    ffmpeg(*black, "-t", "1", str(blank))
    result = loaded_run.score(blank)
    assert result.status == "no_face"
    scored = hashlib.sha256(blank.read_bytes()).hexdigest()
    assert result.facts[blank.name].sha256 == scored


def test_shards_are_timed_on_request(loaded_run: avdf.Run, shards: Path) -> None:
    result = loaded_run.score(shards, avdf.ScoreOptions(timeline=True, stride=16))
    assert all(len(video.timeline) == 1 for video in result)


def test_near_the_threshold_the_answer_is_unsure(
    loaded_run: avdf.Run,
    shards: Path,
) -> None:
    result = loaded_run.score(shards, avdf.ScoreOptions(abstain=0.4999))
    answers = {video.video.verdict for video in result if video.video}
    assert "unsure" in answers


def test_every_split_is_scored_on_request(loaded_run: avdf.Run, shards: Path) -> None:
    assert len(loaded_run.score(shards, avdf.ScoreOptions(split="all"))) == 18


def test_perturbed_videos_are_a_table(
    loaded_run: avdf.Run,
    shards: Path,
    tmp_path: Path,
) -> None:
    options = avdf.ScoreOptions(perturb=("jpeg:1",))
    loaded_run.score(shards, options, out=tmp_path / "scores")
    rows = read_table(tmp_path / "scores" / "robustness.csv")
    assert [(row["perturbation"], row["level"]) for row in rows] == [
        ("none", "0"),
        ("jpeg", "1"),
    ]
