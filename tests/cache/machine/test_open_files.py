"""How many files may stay open."""

import resource
from collections.abc import Iterator

import pytest

from avdf.cache.machine.open_files import files_to_keep_open


@pytest.fixture
def limits() -> Iterator[tuple[int, int]]:
    """The limits of this process, as they are again afterwards."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield before
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_low_soft_limit_is_raised(limits: tuple[int, int]) -> None:
    _, hard = limits
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    kept = files_to_keep_open()
    assert kept == min(hard, 1 << 16) // 4
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= min(hard, 1 << 16)


def test_where_the_limit_cannot_be_raised_a_quarter_is_kept(
    limits: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object) -> None:
        raise ValueError("not allowed")

    resource.setrlimit(resource.RLIMIT_NOFILE, (256, limits[1]))
    monkeypatch.setattr(resource, "setrlimit", forbidden)
    kept = files_to_keep_open()
    monkeypatch.undo()
    assert kept == 64
