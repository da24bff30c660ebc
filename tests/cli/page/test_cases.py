"""A case is saved from the page as the command line makes it, and its report is shown."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import avdf
from avdf.cache.core.errors import SettingsError
from avdf.cli.page.case_archive import CaseArchive
from avdf.cli.page.case_wish import CaseWish
from avdf.cli.page.messages import CaseTask, Detector, Task
from avdf.cli.page.page_settings import PageSettings
from avdf.cli.page.worker import score_files
from tests.helpers.page_server import Client, serving, wait_until
from tests.helpers.scoring_stand_ins import stand_in

pytestmark = pytest.mark.xdist_group("page")


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept") / "cases"


@pytest.fixture(scope="module")
def keeping(
    run: Path, cases: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    """A server that keeps cases."""
    settings = PageSettings(Detector(run, device="cpu"), cases=cases)
    with serving(score_files, settings, tmp_path_factory.mktemp("keeping")) as client:
        yield client


def wish(**changed: object) -> bytes:
    document = {"ask": "Is <it> real?", "examiner": "Ada", "copy": True} | changed
    return json.dumps(document).encode()


def test_a_case_is_saved_once_and_its_report_is_shown(
    keeping: Client, clip: Path, cases: Path
) -> None:
    number = keeping.upload("my clip.mp4", clip.read_bytes()).json["number"]
    keeping.wait_for(number, "done")
    assert keeping.get("/cases").json == []
    for bad in (wish(ask=1), wish(more=1), b"[]", b"{", b"x" * 70000):
        assert keeping.ask("POST", f"/jobs/{number}/case", bad).status in (400, 413)
    assert keeping.ask("POST", f"/jobs/{number}/case", wish()).status == 202
    assert keeping.ask("POST", f"/jobs/{number}/case", wish()).status == 409
    keeping.wait_for_case(number)
    (case,) = keeping.get("/cases").json
    assert (case["file"], case["question"]) == ("my clip.mp4", "Is <it> real?")
    assert case["verdict"] == keeping.job(number)["verdict"]
    # The copy on the page may be gone by then: the user names the own file.
    check = avdf.verify_case(cases / case["name"], again=True, file=clip)
    assert check.whole and check.numbers is not None
    report = keeping.get(f"/cases/{case['name']}/report")
    assert "Is &lt;it&gt; real?" in report.text
    assert "<h1>Examination of my clip.mp4</h1>" in report.text
    policy = report.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'; ")
    assert "script" not in policy


@pytest.mark.parametrize("name", ["..", "%2e%2e", "nothing", "..%2fcases", ".hidden"])
def test_only_cases_of_the_folder_have_a_report(keeping: Client, name: str) -> None:
    assert keeping.get(f"/cases/{name}/report").status == 404


def test_a_server_without_a_folder_keeps_no_cases(client: Client) -> None:
    number = client.upload("a.mp4", b"x").json["number"]
    client.wait_for(number, "done")
    assert client.ask("POST", f"/jobs/{number}/case", wish()).status == 404
    assert client.get("/cases").json == []
    assert "Save a case" not in client.get(f"/jobs/{number}/result").text


def test_what_is_no_case_is_not_listed(tmp_path: Path) -> None:
    archive = CaseArchive(tmp_path)
    contents = ["{}", "[]", "no JSON", '{"written": "", "question": "", "findings": 1}']
    for number, content in enumerate(contents):
        folder = tmp_path / f"case-{number}"
        folder.mkdir()
        (folder / "case.json").write_text(content)
    whole = {
        "written": "2026",
        "file": {"path": "/tmp/a.mp4"},
        "question": "?",
        "findings": [],
    }
    for name in ("kept", ".half.partial"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "case.json").write_text(json.dumps(whole))
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    (kept,) = archive.cases()
    assert (kept.name, kept.file) == ("kept", "a.mp4")
    # Without a report there is nothing to show.
    assert archive.report("kept") is None
    first = archive.new_folder()
    first.mkdir()
    assert archive.new_folder() != first


def test_a_file_in_place_of_the_folder_is_wrong_use(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    with pytest.raises(SettingsError, match="cases cannot be kept there"):
        CaseArchive(path)


def test_without_a_question_the_case_answers_the_general_one() -> None:
    # The detector has its words.
    assert CaseWish.parse({"ask": " ", "examiner": "", "copy": False}).ask == ""


def test_nothing_is_left_of_a_case_that_was_not_finished(tmp_path: Path) -> None:
    cases, private = tmp_path / "cases", tmp_path / "private"
    private.mkdir()
    settings = PageSettings(Detector(Path("run")), cases=cases)
    with serving(stand_in, settings, private) as client:
        number = client.upload("a.mp4", b"x").json["number"]
        client.wait_for(number, "done")
        client.ask("POST", f"/jobs/{number}/case", wish(ask="crash"))
        wait_until(lambda: client.job(number)["case"]["state"] == "failed")
        assert not list(cases.iterdir())
        # Another is being made when the server ends.
        client.ask("POST", f"/jobs/{number}/case", wish())
        wait_until(lambda: len(list(cases.iterdir())) == 1)
    assert not list(cases.iterdir())


def test_messages_name_the_file_as_the_user_does() -> None:
    media = Path("/tmp/avdf-page-x/0001/upload-0001")
    for task in (
        Task(media, media.parent, "a.xyz"),
        CaseTask(media, "a.xyz", Path("case"), "", "", False),
    ):
        text = task.renamed(f"{media} is no media file; upload-0001 has no frames")
        assert text == "a.xyz is no media file; a.xyz has no frames"
