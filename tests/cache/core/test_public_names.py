"""Names of a package that are imported when they are first used."""

import sys
from types import ModuleType

import pytest

from avdf.cache.core.public_names import import_name

HOMES = {"answer": "home"}


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A package whose module `home` defines `answer`."""
    package, home = ModuleType("house"), ModuleType("house.home")
    package.__path__ = []
    home.__dict__["answer"] = 42
    monkeypatch.setitem(sys.modules, "house", package)
    monkeypatch.setitem(sys.modules, "house.home", home)
    return package


@pytest.mark.usefixtures("package")
def test_a_public_name_comes_from_its_home() -> None:
    assert import_name("house", HOMES, "answer") == 42


def test_a_name_is_kept_by_the_package(package: ModuleType) -> None:
    import_name("house", HOMES, "answer")
    assert package.__dict__["answer"] == 42


@pytest.mark.usefixtures("package")
def test_an_unknown_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="'house' has no attribute 'question'"):
        import_name("house", HOMES, "question")
