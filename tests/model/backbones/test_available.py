"""Which weights are on this machine, without downloading any."""

from pathlib import Path

import huggingface_hub
import pytest

from avdf.model import DetectorConfig
from avdf.model.backbones.available import find_weights


@pytest.fixture(autouse=True)
def empty_caches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(huggingface_hub, "try_to_load_from_cache", lambda *_: None)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def test_each_setting_of_weights_is_listed() -> None:
    clip, whisper = find_weights(DetectorConfig())
    assert (clip.setting, clip.value) == ("model.clip_weights", "openai")
    assert (whisper.setting, whisper.value) == ("model.whisper_weights", "base")


def test_absent_weights_have_a_url_and_no_file() -> None:
    for weights in find_weights(DetectorConfig()):
        assert weights.file is None
        assert weights.url.startswith("https://")


def test_whispers_weights_are_looked_for_in_its_cache(empty_caches: Path) -> None:
    (empty_caches / "whisper").mkdir()
    file = empty_caches / "whisper" / "base.pt"
    file.write_bytes(b"")
    _, whisper = find_weights(DetectorConfig())
    assert whisper.file == file


def test_a_local_file_is_found_and_has_no_url(tmp_path: Path) -> None:
    file = tmp_path / "mine.pt"
    file.write_bytes(b"")
    config = DetectorConfig(clip_weights=str(file), whisper_weights=str(file))
    for weights in find_weights(config):
        assert weights.file == file
        assert weights.url == ""


@pytest.mark.parametrize("name", ["random", "demo", "nowhere.pt"])
def test_other_names_have_neither_file_nor_url(name: str) -> None:
    config = DetectorConfig(clip_weights=name, whisper_weights=name)
    for weights in find_weights(config):
        assert weights.file is None
        assert weights.url == ""
