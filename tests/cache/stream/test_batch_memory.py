"""Whether batches fit into memory. The memory of the machine is simulated."""

import pytest

from avdf.cache.core.errors import SettingsError
from avdf.cache.machine.memory import physical_memory
from avdf.cache.stream import batch_memory
from avdf.cache.stream.batch_memory import check_batch_size, largest_batch

SEGMENT_BYTES = 16 * 224 * 224 * 3


@pytest.fixture(autouse=True)
def memory_of_ten_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_memory, "physical_memory", lambda: 10 * SEGMENT_BYTES)


@pytest.mark.parametrize(
    ("ahead", "largest"),
    [
        (0, 10),
        (1, 5),
        (4, 2),
        (99, 1),
    ],
)
def test_batches_that_are_read_ahead_share_the_memory(ahead: int, largest: int) -> None:
    assert largest_batch(ahead) == largest


def test_a_batch_that_fits_is_accepted() -> None:
    check_batch_size(5, ahead=1)


def test_a_batch_that_does_not_fit_is_refused() -> None:
    with pytest.raises(
        SettingsError,
        match=r"batch_size of 6 with data\.ahead of 1 takes",
    ):
        check_batch_size(6, ahead=1)


def test_this_machine_has_memory() -> None:
    assert physical_memory() > 1 << 28
