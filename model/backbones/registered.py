"""Encoders of one's own: the names under which a program or a package makes them known."""

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

from avdf.cache.core.errors import SettingsError
from avdf.model.backbones.encoder import ImageEncoder, SpeechEncoder

# Groups of entry points, through which an installed package names its encoders.
IMAGE_GROUP, SPEECH_GROUP = "avdf.image_encoders", "avdf.speech_encoders"

ImageFactory = Callable[[str], ImageEncoder]
SpeechFactory = Callable[[str], SpeechEncoder]
_registered: dict[str, dict[str, Any]] = {IMAGE_GROUP: {}, SPEECH_GROUP: {}}


def register_image_encoder(name: str, factory: ImageFactory) -> None:
    """Make `model.clip = name` mean `factory(model.clip_weights)`.

    An installed package does the same, without being imported first, by an entry point of the
    group `avdf.image_encoders`.
    """
    _registered[IMAGE_GROUP][name] = factory


def register_speech_encoder(name: str, factory: SpeechFactory) -> None:
    """Make `model.whisper = name` mean `factory(model.whisper_weights)`.

    The group of entry points is `avdf.speech_encoders`.
    """
    _registered[SPEECH_GROUP][name] = factory


def find_registered(group: str, name: str) -> Any | None:
    """The factory of that name; None where there is none.

    The name may come from a checkpoint of unknown origin. It is only looked up among registered
    names and the entry points of installed packages, so it cannot make other code run.

    Raises:
        SettingsError: a package declares the name, but it cannot be imported.
    """
    if name in _registered[group]:
        return _registered[group][name]
    for entry in entry_points(group=group, name=name):
        try:
            return entry.load()
        except (ImportError, AttributeError) as error:
            raise SettingsError(
                f"the encoder {name!r} of {entry.value} cannot be imported: {error}"
            ) from None
    return None
