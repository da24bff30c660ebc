"""The file of CLIP's weights: found, downloaded and read."""

import socket
import urllib.parse
import urllib.request
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from avdf.cache.core.errors import WeightsError
from avdf.model.backbones.demo_files import DEMO_CLIP
from avdf.model.backbones.info import DEMO, RANDOM
from avdf.model.backbones.released import find_released, pretrained, released_tags
from avdf.model.backbones.tensors import read_pickled

# Names of the weights' file in a repository of the Hugging Face hub, the preferred one first.
_HUB_FILES = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")


def clip_path(name: str, weights: str) -> Path | None:
    """The file of the weights, downloaded if need be; None for random weights.

    open_clip downloads into its own cache.

    Raises:
        WeightsError: there is no such file and no such name, or the download failed.
    """
    if weights == RANDOM:
        return None
    if weights == DEMO:
        return DEMO_CLIP
    released = find_released(name, weights)
    if not released:
        if not Path(weights).is_file():
            tags = ", ".join(released_tags(name)) or "none"
            raise WeightsError(
                f"model.clip_weights {weights!r} is neither a file nor known for {name} "
                f"(known: {tags}); set model.clip_weights=FILE"
            )
        return Path(weights)
    if cached := cached_clip(name, weights):
        return cached
    try:
        _check_hub()
        return Path(pretrained().download_pretrained(released))
    # Whatever the hub's client raises, the remedy is the same.
    except Exception as error:
        raise WeightsError(
            f"the {weights} weights of CLIP {name} are not on this machine and cannot be "
            f"downloaded ({type(error).__name__}); fetch {clip_url(name, weights)} and "
            "set model.clip_weights=FILE"
        ) from None


def cached_clip(name: str, weights: str) -> Path | None:
    """The file of the weights if it is on this machine. Downloads nothing."""
    released = find_released(name, weights)
    if not released:
        return Path(weights) if Path(weights).is_file() else None
    repository = str(released.get("hf_hub", "")).strip("/")
    if repository:
        import huggingface_hub

        for file in _HUB_FILES:
            found = huggingface_hub.try_to_load_from_cache(repository, file)
            if isinstance(found, str):
                return Path(found)
    return None


def clip_url(name: str, weights: str) -> str:
    """Where released weights can be downloaded; '' for others."""
    released = find_released(name, weights)
    if released.get("hf_hub"):
        repository = released["hf_hub"].strip("/")
        return f"https://huggingface.co/{repository}/resolve/main/{_HUB_FILES[0]}"
    return str(released.get("url", ""))


def read_clip_tensors(path: Path) -> dict[str, Tensor]:
    """The image tower's tensors: from safetensors, a state dict, or OpenAI's TorchScript archive.

    Raises:
        WeightsError: the file is none of these.
    """
    try:
        state = _read_state(path)
    except Exception:
        try:
            archive = torch.jit.load(str(path), map_location="cpu")  # type: ignore[no-untyped-call]
            state = archive.state_dict()
        except Exception as error:
            raise WeightsError(
                f"{path}: not readable as CLIP weights ({error})"
            ) from None
    # Files of the whole CLIP have both towers; others hold the image tower alone, unprefixed.
    prefix = "visual."
    tower = {
        name.removeprefix(prefix): value
        for name, value in state.items()
        if name.startswith(prefix)
    }
    return tower or dict(state)


def _read_state(path: Path) -> dict[str, Tensor]:
    """The tensors of safetensors or of a pickled state dict, as open_clip reads them."""
    if path.suffix == ".safetensors":
        tensors: dict[str, Tensor] = load_file(path)
        return tensors
    stored = read_pickled(path)
    state = stored.get("state_dict", stored)
    # Weights of a model that was trained on several GPUs have a prefix.
    prefix = "module."
    if next(iter(state)).startswith(prefix):
        return {name.removeprefix(prefix): value for name, value in state.items()}
    return dict(state)


def _check_hub() -> None:
    """Fail at once where the hub's name cannot be resolved: its client would try for a minute.

    Raises:
        OSError: the name cannot be resolved.
    """
    if not urllib.request.getproxies():
        import huggingface_hub

        host = urllib.parse.urlsplit(huggingface_hub.constants.ENDPOINT).hostname
        socket.getaddrinfo(host, 443)
