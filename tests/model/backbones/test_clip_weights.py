"""The file of CLIP's weights: where it is looked for, and what is said where it is missing."""

import socket
import urllib.request
from pathlib import Path

import huggingface_hub
import open_clip
import pytest
import torch
from safetensors.torch import save_file

from avdf.cache.core.errors import WeightsError
from avdf.model.backbones.clip_weights import (
    cached_clip,
    clip_path,
    clip_url,
    read_clip_tensors,
)
from avdf.model.backbones.demo_files import DEMO_CLIP


@pytest.fixture
def empty_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub, "try_to_load_from_cache", lambda *_: None)
    monkeypatch.setattr(urllib.request, "getproxies", dict)


def test_random_weights_have_no_file() -> None:
    assert clip_path("ViT-B-32", "random") is None


def test_the_demos_weights_are_shipped() -> None:
    assert clip_path("demo", "demo") == DEMO_CLIP
    assert DEMO_CLIP.is_file()


def test_a_path_is_taken_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "weights.pt"
    file.write_bytes(b"")
    assert clip_path("ViT-B-32", str(file)) == file
    assert cached_clip("ViT-B-32", str(file)) == file


def test_a_name_that_is_neither_file_nor_known_is_refused() -> None:
    with pytest.raises(
        WeightsError,
        match=r"neither a file nor known for ViT-B-32 \(known: .*openai",
    ):
        clip_path("ViT-B-32", "nowhere.pt")
    assert cached_clip("ViT-B-32", "nowhere.pt") is None


def test_weights_in_the_cache_are_not_downloaded(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(
        huggingface_hub, "try_to_load_from_cache", lambda *_: str(tmp_path)
    )
    monkeypatch.setattr(open_clip.pretrained, "download_pretrained", pytest.fail)
    assert clip_path("ViT-B-32", "openai") == tmp_path


def test_without_a_network_the_url_is_named(
    monkeypatch: pytest.MonkeyPatch,
    empty_cache: None,
) -> None:
    def no_network(*_: object) -> None:
        raise socket.gaierror("no network")

    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    monkeypatch.setattr(open_clip.pretrained, "download_pretrained", pytest.fail)
    with pytest.raises(
        WeightsError,
        match=r"cannot be downloaded \(gaierror\); fetch https://",
    ):
        clip_path("ViT-B-32", "openai")


def test_with_a_network_the_library_downloads(
    monkeypatch: pytest.MonkeyPatch,
    empty_cache: None,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: [])
    monkeypatch.setattr(
        open_clip.pretrained, "download_pretrained", lambda _: str(tmp_path)
    )
    assert clip_path("ViT-B-32", "openai") == tmp_path


def test_released_weights_have_a_url() -> None:
    assert clip_url("ViT-B-32", "openai").startswith("https://")
    assert clip_url("ViT-B-32", "file.pt") == ""


def test_a_file_of_both_towers_gives_the_image_tower(tmp_path: Path) -> None:
    both = {"visual.proj": torch.ones(2, 2), "text.proj": torch.zeros(2, 2)}
    save_file(both, tmp_path / "both.safetensors")
    found = read_clip_tensors(tmp_path / "both.safetensors")
    assert list(found) == ["proj"]
    assert found["proj"].sum() == 4


def test_a_file_of_the_image_tower_alone_is_taken_whole(tmp_path: Path) -> None:
    save_file({"proj": torch.ones(2, 2)}, tmp_path / "tower.safetensors")
    assert list(read_clip_tensors(tmp_path / "tower.safetensors")) == ["proj"]


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:.*torch.jit:FutureWarning")
def test_a_torchscript_archive_is_read(tmp_path: Path) -> None:
    class Tower(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.visual = torch.nn.Linear(2, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.visual(x)  # type: ignore[no-any-return]

    archive = torch.jit.script(Tower())
    archive.save(str(tmp_path / "archive.pt"))  # type: ignore[no-untyped-call]
    assert set(read_clip_tensors(tmp_path / "archive.pt")) == {"weight", "bias"}


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.pt").write_bytes(b"not weights")
    with pytest.raises(WeightsError, match="not readable as CLIP weights"):
        read_clip_tensors(tmp_path / "bad.pt")
