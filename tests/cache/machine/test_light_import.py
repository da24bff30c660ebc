"""Importing one module of a package without the rest; a small package stands for a large one."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from avdf.cache.machine.light_import import import_alone

FILES = {
    "large/__init__.py": "from large.heavy import weight\nfrom large.light import value\n",
    "large/light.py": "value = object()\n",
    "large/heavy.py": "weight = 7\ndef lift(kilos):\n    return kilos * weight\n",
    "large/lifter.py": "from large.heavy import lift\ndef work():\n    return lift(2)\n",
    "large/greedy.py": "import large\nsum = large.weight + 1\n",
}


@pytest.fixture(autouse=True)
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "large"]:
        del sys.modules[name]


def test_the_package_is_not_run() -> None:
    import_alone(("large.light",), ("large",))
    assert "large.light" in sys.modules
    assert "large.heavy" not in sys.modules


def test_a_name_of_the_package_runs_it() -> None:
    import_alone(("large.light",), ("large",))
    light = sys.modules["large.light"]
    import large  # type: ignore[import-not-found]

    assert large.weight == 7
    # The same module, so that its classes are the same classes.
    assert large.light is light
    assert large.value is light.value


def test_a_name_that_the_package_lacks_is_an_error_as_ever() -> None:
    import_alone(("large.light",), ("large",))
    with pytest.raises(AttributeError, match="nothing"):
        _ = sys.modules["large"].nothing


def test_a_module_that_needs_the_package_runs_it() -> None:
    import_alone(("large.greedy",), ("large",))
    assert sys.modules["large.greedy"].sum == 8
    assert "large.heavy" in sys.modules


def test_a_function_imports_its_module_when_it_is_called() -> None:
    import_alone(("large.lifter",), ("large",), {"large.heavy": ("lift",)})
    assert "large.heavy" not in sys.modules
    assert sys.modules["large.lifter"].work() == 14
    assert "large.heavy" in sys.modules


def test_what_cannot_be_deferred_is_imported_in_the_plain_way() -> None:
    import_alone(("large.light",), ("large", "large.missing"))
    assert sys.modules["large"].weight == 7


def test_a_missing_module_is_an_import_error() -> None:
    with pytest.raises(ImportError, match="nowhere"):
        import_alone(("large.nowhere",), ("large",))


def test_a_package_that_is_imported_stays_as_it_is() -> None:
    import large

    import_alone(("large.light",), ("large",))
    assert sys.modules["large"] is large
