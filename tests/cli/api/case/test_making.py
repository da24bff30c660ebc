"""`avdf.make_case`: what is in a case, and what it refuses."""

import csv
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

import avdf
from avdf.cache.core.errors import RunError, SettingsError, SourceError
from avdf.cache.files.digest import file_sha256
from avdf.case.content import Examination, write_content
from avdf.case.step_log import StepLog
from tests.cli.api.case.conftest import QUESTION
from tests.helpers.command import call

NAME = "-x\n<b>é.mp4"


def read_json(path: Path) -> dict[str, object]:
    document: dict[str, object] = json.loads(path.read_bytes())
    return document


def test_a_case_has_all_its_files(made: Path) -> None:
    names = {path.name for path in (made / "case").iterdir()}
    assert names == {
        ".avdf.json",
        "case.json",
        "report.html",
        "videos.csv",
        "faces.csv",
        "segments.csv",
        "timeline.csv",
        "intervals.csv",
        "crops.csv",
        "crops",
        "log.jsonl",
        "examined.mp4",
        "manifest.json",
        "manifest.sig",
        "manifest.sha256",
    }
    # Nothing is left of the folder in which it was written.
    assert not list(made.glob(".case*"))


def test_the_document_states_question_file_results_and_basis(made: Path) -> None:
    document = json.loads((made / "case" / "case.json").read_bytes())
    assert document["question"] == QUESTION
    assert not document["question_is_default"]
    assert document["file"]["sha256"] == file_sha256(made / NAME)
    (video,) = document["results"]["videos"]
    assert document["results"]["segments"]
    findings = {one["name"]: one for one in document["findings"]}
    assert findings["video"]["verdict"] == video["verdict"]
    assert f"P(fake), is {video['p_video']:.3f}" in findings["video"]["sentences"][1]
    assert document["file_statement"]["streams"][0]["kind"] == "video"
    assert document["rests_on"]["warnings"][0].startswith("DEMO WEIGHTS")
    assert set(document["rests_on"]["validation"]) == {"video", "visual", "audio"}
    assert any("evidence, not proof" in limit for limit in document["limits"])


def test_the_manifest_names_every_file_and_all_that_it_rests_on(
    made: Path, run: Path
) -> None:
    manifest = json.loads((made / "case" / "manifest.json").read_bytes())
    assert manifest["examined"]["sha256"] == file_sha256(made / NAME)
    files = manifest["run"]["files"]
    assert files["best.safetensors"] == file_sha256(run / "best.safetensors")
    assert {"best.json", "config.json", "protocol.csv"} < set(files)
    assert set(manifest["run"]["backbones"]) == {"clip", "whisper"}
    assert len(manifest["run"]["reference"]) == 64
    assert {"avdf", "torch", "ffmpeg", "python", "processor"} < set(
        manifest["versions"]
    )
    listed = set(manifest["files"])
    crops = list((made / "case" / "crops").iterdir())
    assert {f"crops/{crop.name}" for crop in crops} < listed
    assert {"case.json", "log.jsonl", ".avdf.json", "examined.mp4"} < listed


def test_the_crops_are_listed_with_their_times(made: Path) -> None:
    with (made / "case" / "crops.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = {path.name for path in (made / "case" / "crops").iterdir()}
    assert {row["file"] for row in rows} == names
    assert "segment with a high P(fake)" in {row["why"] for row in rows}
    crop = (made / "case" / "crops" / rows[0]["file"]).read_bytes()
    assert crop.startswith(b"\xff\xd8")


def test_the_log_has_the_time_of_every_step(made: Path) -> None:
    lines = (made / "case" / "log.jsonl").read_text(encoding="utf-8").splitlines()
    steps = [json.loads(line) for line in lines]
    assert all(set(step) == {"step", "began", "seconds"} for step in steps)
    began = [step["began"] for step in steps]
    assert began == sorted(began) and began[0].endswith("+00:00")
    assert steps[0]["step"] == "take the digest of the file"
    assert "compute the scores" in {step["step"] for step in steps}


def test_the_page_shows_hostile_texts_as_text(made: Path) -> None:
    page = (made / "case" / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page and "<b>" not in page and "<i>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&lt;i&gt;A. Examiner&lt;/i&gt;" in page
    # A mark that turns the reading direction would show another question.
    assert "\u202e" not in page
    assert not re.search(r"(src|href)=[\"'](?!data:|#)", page)
    assert "What the file says of itself" in page


def test_the_copy_is_the_examined_file(made: Path) -> None:
    copy = made / "case" / "examined.mp4"
    assert file_sha256(copy) == file_sha256(made / NAME)


@pytest.mark.parametrize("name", ["missing.mp4", "folder", "list.csv"])
def test_only_a_single_file_is_examined(name: str, run: Path, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "list.csv").write_text("path\na.mp4\n")
    with pytest.raises(SourceError, match=r"one file|one video or sound file"):
        avdf.make_case(tmp_path / name, run, tmp_path / "case")
    assert not (tmp_path / "case").exists()


def test_an_older_case_is_never_written_over(made: Path, run: Path) -> None:
    before = file_sha256(made / "case" / "manifest.json")
    with pytest.raises(SettingsError, match="never written over"):
        avdf.make_case(made / NAME, run, made / "case")
    assert file_sha256(made / "case" / "manifest.json") == before


def test_a_folder_with_other_files_is_refused(
    made: Path, run: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(SettingsError, match="files that are not of avdf"):
        avdf.make_case(made / NAME, run, tmp_path)


def test_a_place_that_cannot_be_written_to_is_refused(made: Path, run: Path) -> None:
    # No user may write there, not even the administrator.
    with pytest.raises(SettingsError, match="name another output folder"):
        avdf.make_case(made / NAME, run, "/proc/case")


def test_a_key_that_cannot_be_used_is_noticed_first(made: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="the key cannot be read"):
        avdf.make_case(
            made / NAME,
            tmp_path / "no run",
            tmp_path / "case",
            avdf.CaseOptions(key=tmp_path / "no key"),
        )


def test_a_question_without_end_is_refused() -> None:
    with pytest.raises(SettingsError, match="ask has more than 10000 characters"):
        avdf.CaseOptions(ask="?" * 10_001)


def test_a_file_without_a_face_has_a_case_without_verdicts(
    loaded_run: avdf.Run, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.mp4"
    empty.touch()
    made = avdf.make_case(empty, loaded_run, tmp_path / "case")
    assert not made.complete and not made.signed
    document = json.loads((made.folder / "case.json").read_bytes())
    assert document["findings"] == []
    (why,) = document["not_examined"]
    assert why["what"] == "The whole file" and "the file is empty" in why["why"]
    assert not (made.folder / "crops").exists()
    assert "the file is empty" in document["file_statement"]["unread"]
    page = (made.folder / "report.html").read_text(encoding="utf-8")
    assert "the file could not be scored" in page
    assert avdf.verify_case(made.folder).whole


def test_figures_on_test_videos_are_stated(
    loaded_run: avdf.Run, shards: Path, tmp_path: Path
) -> None:
    file, scores = tmp_path / "empty.mp4", tmp_path / "scores"
    file.touch()
    loaded_run.score(shards, out=scores)
    options = avdf.CaseOptions(tested=scores)
    made = avdf.make_case(file, loaded_run, tmp_path / "case", options)
    sha256 = file_sha256(scores / "metrics.json")
    manifest = json.loads((made.folder / "manifest.json").read_bytes())
    assert manifest["tested"] == sha256
    document = json.loads((made.folder / "case.json").read_bytes())
    figures = json.loads((scores / "metrics.json").read_bytes())
    stated = document["tested"]["verdicts"]["video"]
    assert stated["auc"] == figures["verdicts"]["video"]["auc"]
    page = (made.folder / "report.html").read_text(encoding="utf-8")
    assert sha256 in page and "test videos, in neither training nor validation" in page


def test_a_folder_that_appears_meanwhile_is_not_written_over(
    loaded_run: avdf.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, out = tmp_path / "clip.mp4", tmp_path / "case"
    file.touch()

    def write_beside_another(
        folder: Path, found: Examination, options: avdf.CaseOptions, log: StepLog
    ) -> None:
        write_content(folder, found, options, log)
        out.mkdir()
        (out / "case.json").touch()

    monkeypatch.setattr("avdf.case.making.write_content", write_beside_another)
    with pytest.raises(SettingsError, match="case cannot be written"):
        avdf.make_case(file, loaded_run, out)
    assert [path.name for path in out.iterdir()] == ["case.json"]


def test_an_error_of_permissions_elsewhere_is_not_one_of_the_folder(
    loaded_run: avdf.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "clip.mp4"
    file.touch()

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "elsewhere")

    monkeypatch.setattr("avdf.case.making.write_content", refuse)
    with pytest.raises(PermissionError, match="elsewhere"):
        avdf.make_case(file, loaded_run, tmp_path / "case")


def test_a_file_that_changes_meanwhile_is_an_error(
    loaded_run: avdf.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "clip.mp4"
    file.touch()

    def change_and_write(
        folder: Path, found: Examination, options: avdf.CaseOptions, log: StepLog
    ) -> None:
        file.write_bytes(b"other content")
        write_content(folder, found, options, log)

    monkeypatch.setattr("avdf.case.making.write_content", change_and_write)
    with pytest.raises(SourceError, match="was changed while it was examined"):
        avdf.make_case(file, loaded_run, tmp_path / "case")
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


def test_a_run_that_was_replaced_since_it_was_loaded_is_an_error(
    loaded_run: avdf.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "clip.mp4"
    file.touch()
    other = replace(loaded_run.info, tensors_sha256="0" * 64)
    monkeypatch.setattr("avdf.case.identity.read_checkpoint_info", lambda _path: other)
    with pytest.raises(RunError, match="was replaced since it was loaded"):
        avdf.make_case(file, loaded_run, tmp_path / "case")


def test_the_command_says_by_its_exit_code_that_there_is_no_verdict(
    run: Path, tmp_path: Path
) -> None:
    file = tmp_path / "empty.mp4"
    file.touch()
    words = ("case", "make", file, "--run", run, "--out", tmp_path / "case")
    code, text = call(*words, "--device", "cpu")
    assert code == 3
    assert "sha256 of manifest.json: " in text
    assert call(*words)[0] == 2
