"""How many files may stay open."""

import resource
from collections.abc import Iterator

import pytest

from avdf.cache.machine.open_file_limit import raise_open_file_limit


@pytest.fixture
def limits() -> Iterator[tuple[int, int]]:
    """The limits of this process, as they are again afterwards."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield before
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_low_soft_limit_is_raised(limits: tuple[int, int]) -> None:
    _, hard = limits
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    kept = raise_open_file_limit()
    assert kept == min(hard, 1 << 16) // 4
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= min(hard, 1 << 16)


def test_where_the_limit_cannot_be_raised_a_quarter_is_kept(
    limits: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object) -> None:
        raise ValueError("not allowed")

    resource.setrlimit(resource.RLIMIT_NOFILE, (256, limits[1]))
    monkeypatch.setattr(resource, "setrlimit", forbidden)
    kept = raise_open_file_limit()
    monkeypatch.undo()
    assert kept == 64
