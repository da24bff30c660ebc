"""Content Credentials of clips that are signed here, altered, and copied by other programs."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from avdf.pipeline.statement.credentials import interpret, read_credentials
from tests.helpers.lavfi import file_input, generated, make

needs_c2pa = pytest.mark.skipif(
    find_spec("c2pa") is None, reason="c2pa-python is not installed"
)
TIMEOUT = 60.0


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip without credentials (`plain.mp4`), and a copy that is signed (`signed.mp4`)."""
    from tests.helpers.credentials import sign_clip

    folder = tmp_path_factory.mktemp("clips")
    video = generated("testsrc=size=64x64:rate=25:duration=1")
    make(folder / "plain.mp4", video, options="-c:v libx264 -preset ultrafast")
    sign_clip(folder / "plain.mp4", folder / "signed.mp4", "trainedAlgorithmicMedia")
    return folder


@needs_c2pa
def test_a_signed_clip_is_valid_and_says_by_whom(clips: Path) -> None:
    found = read_credentials(clips / "signed.mp4", TIMEOUT)
    assert found.state == "valid"
    assert found.signer == "Camera 7, Test Organisation"
    assert found.generator == "test program 1.2"
    assert found.actions == ("c2pa.created (trainedAlgorithmicMedia)",)
    assert found.notes == (
        "the certificate of the signer was not compared with a list of trusted ones",
    )


@needs_c2pa
def test_a_signed_clip_with_one_changed_byte_is_invalid(
    clips: Path, tmp_path: Path
) -> None:
    content = bytearray((clips / "signed.mp4").read_bytes())
    content[content.index(b"mdat") + 100] ^= 1
    altered = tmp_path / "altered.mp4"
    altered.write_bytes(content)
    found = read_credentials(altered, TIMEOUT)
    assert found.state == "invalid"
    assert any("hash" in note.lower() for note in found.notes)


@needs_c2pa
def test_a_clip_without_credentials_or_without_them_any_more_has_none(
    clips: Path, tmp_path: Path
) -> None:
    source = file_input(clips / "signed.mp4")
    copied = make(tmp_path / "copied.mp4", source, options="-c copy")
    assert read_credentials(clips / "plain.mp4", TIMEOUT).state == "none"
    # ffmpeg copies the streams, and leaves the credentials behind.
    assert read_credentials(copied, TIMEOUT).state == "none"


@needs_c2pa
def test_what_the_package_cannot_read_is_told(clips: Path, tmp_path: Path) -> None:
    source = file_input(clips / "signed.mp4")
    other = make(tmp_path / "other.mkv", source, options="-c copy")
    found = read_credentials(other, TIMEOUT)
    assert found.state == "not read"
    assert found.notes == ("the package cannot read them from this container",)


@needs_c2pa
def test_nothing_is_fetched_from_the_network(clips: Path, tmp_path: Path) -> None:
    from tests.helpers.credentials import sign_clip

    remote = tmp_path / "remote.mp4"
    sign_clip(clips / "plain.mp4", remote, remote="http://127.0.0.1:9/credentials")
    found = read_credentials(remote, TIMEOUT)
    assert found.state == "not read"
    assert "they are on the network, and nothing is fetched" in found.notes[0]
    assert "http://127.0.0.1:9/credentials" in found.notes[0]


@needs_c2pa
def test_a_module_in_the_working_folder_is_not_imported(
    clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "c2pa.py").write_text("raise SystemExit(7)")
    monkeypatch.chdir(tmp_path)
    assert read_credentials(clips / "signed.mp4", TIMEOUT).state == "valid"


def test_without_the_package_the_note_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "avdf.pipeline.statement.credentials.find_spec", lambda _name: None
    )
    found = read_credentials(tmp_path / "any.mp4", 1.0)
    assert found.state == "not read" and "pip install 'avdf[c2pa]'" in found.notes[0]


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        {"store": []},
        {"store": {"manifests": 3, "active_manifest": []}},
        {"store": {"manifests": {"a": {"assertions": [{"label": 5}]}}}},
        {
            "store": {
                "active_manifest": "a",
                "manifests": {
                    "a": {
                        "signature_info": "x",
                        "claim_generator_info": [7, {"name": {}}],
                        "assertions": [
                            {"label": "c2pa.actions", "data": {"actions": [1, {}]}}
                        ],
                    }
                },
                "validation_status": [None, {"code": 1}],
            }
        },
    ],
)
def test_an_answer_of_another_shape_is_never_valid(answer: Any) -> None:
    found = interpret(json.loads(json.dumps(answer)))
    assert found.state in ("invalid", "not read")
