"""`import avdf`: light, complete, and described by its page."""

import inspect
import re
import subprocess
import sys
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

import avdf

PAGE = Path(__file__).parents[3] / "docs" / "api.md"
NAMES = sorted(set(avdf.__all__) - {"__version__"})
OPTIONS = [name for name in NAMES if name.endswith("Options")]


def loaded_by(statement: str) -> set[str]:
    """The modules that a fresh Python has after a statement."""
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_the_import_loads_neither_torch_nor_numpy() -> None:
    assert not {"torch", "numpy", "h5py", "typer"} & loaded_by("import avdf")


def test_events_load_neither_torch_nor_numpy() -> None:
    assert not {"torch", "numpy"} & loaded_by("import avdf; avdf.Progress")


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_can_be_imported_and_is_documented(name: str) -> None:
    assert (getattr(avdf, name).__doc__ or "").strip()


def test_dir_lists_the_public_names() -> None:
    assert dir(avdf) == sorted(avdf.__all__)


def test_the_version_is_that_of_the_distribution() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", avdf.__version__)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'detect'"):
        avdf.detect  # noqa: B018


@pytest.mark.parametrize("name", NAMES)
def test_the_page_names_every_public_name(name: str) -> None:
    assert re.search(rf"\b{name}\b", PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", OPTIONS)
def test_the_page_names_every_option_with_its_default(name: str) -> None:
    text = PAGE.read_text(encoding="utf-8").replace('"', "'")
    for option in fields(getattr(avdf, name)):
        if option.init:
            assert f"`{option.name}" in text, f"{name}.{option.name}"
            default = option.default if not callable(option.default_factory) else {}
            assert f"`{default!r}`" in text or f"{option.name}={default!r}" in text


@pytest.mark.parametrize("name", OPTIONS)
def test_options_cannot_be_changed(name: str) -> None:
    options = getattr(avdf, name)()
    assert is_dataclass(options)
    with pytest.raises(AttributeError):
        setattr(options, fields(options)[0].name, "other")


@pytest.mark.parametrize("name", [name for name in NAMES if name[0].islower()])
def test_a_function_has_at_most_eight_parameters(name: str) -> None:
    assert len(inspect.signature(getattr(avdf, name)).parameters) <= 8
