"""Encoders of one's own: registered by a program, or declared by an installed package."""

from importlib.metadata import EntryPoint

import pytest

from avdf.cache.core.errors import SettingsError
from avdf.model.backbones import (
    register_image_encoder,
    register_speech_encoder,
    registered,
)
from avdf.model.backbones.registered import IMAGE_GROUP, SPEECH_GROUP, find_registered


@pytest.fixture(autouse=True)
def nothing_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registered, "_registered", {IMAGE_GROUP: {}, SPEECH_GROUP: {}})


def declare(monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    """Let an installed package declare an image encoder `fields`."""
    entry = EntryPoint("fields", target, IMAGE_GROUP)

    def entry_points(group: str, name: str) -> list[EntryPoint]:
        return [entry] if (group, name) == (entry.group, entry.name) else []

    monkeypatch.setattr(registered, "entry_points", entry_points)


def make_images(weights: str) -> str:
    return f"images of {weights}"


def make_speech(weights: str) -> str:
    return f"speech of {weights}"


def test_a_registered_encoder_is_found_in_its_group() -> None:
    register_image_encoder("mine", make_images)  # type: ignore[arg-type]
    register_speech_encoder("mine", make_speech)  # type: ignore[arg-type]
    images, speech = (
        find_registered(IMAGE_GROUP, "mine"),
        find_registered(SPEECH_GROUP, "mine"),
    )
    assert images is not None and images("w") == "images of w"
    assert speech is not None and speech("w") == "speech of w"


def test_a_declared_encoder_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    declare(monkeypatch, f"{__name__}:make_images")
    found = find_registered(IMAGE_GROUP, "fields")
    assert found is not None and found("w") == "images of w"


def test_an_encoder_is_not_found_in_the_other_group(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    declare(monkeypatch, f"{__name__}:make_images")
    assert find_registered(SPEECH_GROUP, "fields") is None


@pytest.mark.parametrize("name", ["ViT-B-32", "os:system", "", "fields.make"])
def test_a_name_that_nobody_declared_is_not_imported(
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    declare(monkeypatch, f"{__name__}:make_images")
    assert find_registered(IMAGE_GROUP, name) is None


@pytest.mark.parametrize(
    "target", ["no_such_package:thing", f"{__name__}:no_such_name"]
)
def test_a_declared_encoder_that_cannot_be_imported_is_named(
    monkeypatch: pytest.MonkeyPatch,
    target: str,
) -> None:
    declare(monkeypatch, target)
    with pytest.raises(SettingsError, match=f"'fields' of {target} cannot be imported"):
        find_registered(IMAGE_GROUP, "fields")
