"""`avdf.verify_case`: every change is found and named, and numbers come out again."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import avdf
from avdf.cache.core.errors import RunError, SettingsError, SourceError
from avdf.cache.files.digest import file_sha256
from tests.helpers.command import call
from tests.helpers.signing import write_keys


def named(check: avdf.CaseCheck) -> set[str]:
    return {fault.name for fault in check.faults}


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at % len(content)] ^= 1 << at % 8
    path.write_bytes(content)


def test_a_case_is_whole_and_signed(made: Path) -> None:
    check = avdf.verify_case(made / "case", key=made / "public.pem")
    assert check.whole and not check.faults
    assert check.signature.startswith("signed with the key that was given")
    assert check.manifest_sha256 == file_sha256(made / "case" / "manifest.json")


def test_a_byte_that_changes_in_any_file_is_found_and_named(case: Path) -> None:
    files = sorted(path for path in case.rglob("*") if path.is_file())
    assert len(files) > 20
    for path in files:
        before = path.read_bytes()
        flip(path, len(before) // 2)
        check = avdf.verify_case(case)
        name = path.relative_to(case).as_posix()
        assert name in str(check), name
        assert not check.whole
        path.write_bytes(before)
    assert avdf.verify_case(case).whole


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 1 << 16))
def test_any_byte_of_the_manifest_counts(case: Path, at: int) -> None:
    path = case / "manifest.json"
    before = path.read_bytes()
    flip(path, at)
    assert "manifest.json" in named(avdf.verify_case(case))
    path.write_bytes(before)


def test_files_that_are_added_removed_or_links_are_named(case: Path) -> None:
    (case / "new.txt").touch()
    (case / "log.jsonl").unlink()
    target = case.parent / "report.html"
    (case / "report.html").rename(target)
    (case / "report.html").symlink_to(target)
    check = avdf.verify_case(case)
    faults = {fault.name: fault.what for fault in check.faults}
    assert faults == {
        "new.txt": "was added",
        "log.jsonl": "is missing",
        "report.html": "is a symbolic link, not a file",
    }
    code, text = call("case", "verify", case)
    assert code == 3
    assert "log.jsonl is missing" in text and "3 problems" in text


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sig", "manifest.sha256"])
def test_a_closing_file_that_is_missing_is_named(name: str, case: Path) -> None:
    (case / name).unlink()
    check = avdf.verify_case(case)
    assert name in named(check) and not check.whole


def test_a_manifest_that_is_a_link_is_not_read(case: Path) -> None:
    (case / "manifest.json").rename(case.parent / "elsewhere")
    (case / "manifest.json").symlink_to(case.parent / "elsewhere")
    assert named(avdf.verify_case(case)) == {"manifest.json"}


@pytest.mark.parametrize("content", ["", "[]", "{}", "[" * 100_000, '{"format": 1}'])
def test_a_manifest_that_is_none_is_named(content: str, case: Path) -> None:
    (case / "manifest.json").write_text(content)
    assert named(avdf.verify_case(case)) == {"manifest.json"}


def test_a_manifest_in_another_encoding_is_named(case: Path) -> None:
    content = (case / "manifest.json").read_text()
    (case / "manifest.json").write_text(content, encoding="utf-16")
    (fault,) = avdf.verify_case(case).faults
    assert fault.name == "manifest.json" and "not text in UTF-8" in fault.what


def test_a_manifest_written_anew_passes_without_a_key_and_fails_with_it(
    case: Path, made: Path, tmp_path: Path
) -> None:
    before = avdf.verify_case(case).manifest_sha256
    (case / "case.json").write_text("{}")
    document = json.loads((case / "manifest.json").read_bytes())
    sha256 = file_sha256(case / "case.json")
    document["files"]["case.json"] = {"sha256": sha256, "size": 2}
    write_anew(case, document)
    # Nothing inside a case can show this; its digest and its signature can.
    check = avdf.verify_case(case)
    assert check.whole and check.signature.startswith("not signed")
    assert check.manifest_sha256 != before
    assert not avdf.verify_case(case, key=made / "public.pem").whole


def test_the_key_of_somebody_else_is_noticed(case: Path, tmp_path: Path) -> None:
    _, other = write_keys(tmp_path)
    check = avdf.verify_case(case, key=other)
    assert named(check) == {"manifest.sig"}
    assert "the key that was given" in check.faults[0].what


def test_what_is_no_case_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such folder"):
        avdf.verify_case(tmp_path / "missing")
    with pytest.raises(SourceError, match="holds no case"):
        avdf.verify_case(tmp_path)
    assert call("case", "verify", tmp_path)[0] == 2


def test_places_without_again_are_refused(case: Path, run: Path) -> None:
    with pytest.raises(SettingsError, match="only to compute again"):
        avdf.verify_case(case, run=run)


def test_the_numbers_come_out_again(made: Path, loaded_run: avdf.Run) -> None:
    case = made / "case"
    # The copy in the case has the same content under another name.
    copy = case / "examined.mp4"
    check = avdf.verify_case(case, again=True, run=loaded_run, file=copy)
    assert check.whole and check.numbers is not None
    assert check.numbers.identical == check.numbers.compared > 100
    assert "0 beyond the tolerance of 0.001" in str(check)


def test_the_precision_is_that_of_the_case(
    case: Path, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = []

    def note(place: object, options: avdf.LoadOptions) -> avdf.Run:
        used.append(options.precision)
        return avdf.load(run, options)

    monkeypatch.setattr("avdf.case.verifying.load", note)
    file, cpu = case / "examined.mp4", avdf.LoadOptions(device="cpu")
    document = json.loads((case / "manifest.json").read_bytes())
    document["settings"]["loading"]["precision"] = "bfloat16"
    write_anew(case, document)
    again = avdf.verify_case(case, again=True, file=file, load_options=cpu)
    assert used == ["bfloat16"] and again.numbers is not None
    other = avdf.load(run, avdf.LoadOptions(device="cpu", precision="float32"))
    with pytest.raises(
        RunError, match="precision float32, the case was made with bfloat16"
    ):
        avdf.verify_case(case, again=True, file=file, run=other)
    document["settings"]["loading"]["precision"] = ["float32"]
    write_anew(case, document)
    with pytest.raises(SourceError, match="its settings cannot be used"):
        avdf.verify_case(case, again=True, file=file, load_options=cpu)


def test_a_changed_case_is_not_computed_again(case: Path) -> None:
    (case / "segments.csv").unlink()
    assert avdf.verify_case(case, again=True).numbers is None


def write_anew(case: Path, document: dict[str, Any]) -> None:
    """Close a case that was changed, as somebody could do who wants to hide it."""
    document["public_key"] = ""
    (case / "manifest.json").write_text(json.dumps(document))
    (case / "manifest.sig").unlink(missing_ok=True)
    sha256 = file_sha256(case / "manifest.json")
    (case / "manifest.sha256").write_text(f"{sha256}  manifest.json\n")


@pytest.mark.parametrize("place", ["hf://somebody/run", "run", ""])
def test_a_case_of_a_stranger_makes_nobody_fetch_a_run(
    place: str, case: Path, run: Path
) -> None:
    document = json.loads((case / "manifest.json").read_bytes())
    document["run"]["folder"] = place
    write_anew(case, document)
    with pytest.raises(SourceError, match="no absolute path"):
        avdf.verify_case(case, again=True, file=case / "examined.mp4")


@pytest.mark.parametrize("content", ["{}", '{"results": []}', "[" * 100_000])
def test_a_case_of_a_stranger_without_results_is_refused(
    content: str, case: Path
) -> None:
    (case / "case.json").write_text(content)
    document = json.loads((case / "manifest.json").read_bytes())
    sha256 = file_sha256(case / "case.json")
    document["files"]["case.json"] = {"sha256": sha256, "size": len(content)}
    write_anew(case, document)
    with pytest.raises(SourceError, match="results"):
        avdf.verify_case(case, again=True, file=case / "examined.mp4")


def test_another_file_is_refused(case: Path, run: Path) -> None:
    with pytest.raises(SourceError, match="is not the examined file"):
        avdf.verify_case(case, again=True, file=case / "case.json")


def test_a_run_that_was_trained_on_is_refused(
    made: Path, run: Path, tmp_path: Path
) -> None:
    other = tmp_path / "run"
    shutil.copytree(run, other)
    flip(other / "best.safetensors", -100)
    with pytest.raises(RunError, match=r"best.safetensors is not the one of the case"):
        avdf.verify_case(made / "case", again=True, run=other)
