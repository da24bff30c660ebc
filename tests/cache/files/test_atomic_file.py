"""Files that are complete or absent, and what a full disk looks like from each library."""

import errno
from pathlib import Path

import pytest
import torch
from safetensors import SafetensorError

from avdf.cache.files.atomic_file import durable_file, remove_partials, write_text


def test_what_was_there_stays_until_the_new_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    write_text(target, "old")
    with pytest.raises(ValueError, match="stop"), durable_file(target) as partial:
        partial.write_text("half", encoding="utf-8")
        raise ValueError("stop")
    assert target.read_text(encoding="utf-8") == "old" and list(tmp_path.iterdir()) == [
        target
    ]
    write_text(target, "new")
    assert target.read_text(encoding="utf-8") == "new"


def test_leftovers_of_killed_writers_are_removed(tmp_path: Path) -> None:
    (tmp_path / "shard-00000.h5.machine-77.partial").write_bytes(b"x")
    (tmp_path / "shard-00000.h5").write_bytes(b"y")
    (tmp_path / "film.mkv.partial").write_bytes(b"z")
    (tmp_path / "shard-00000.h5.mine.partial").write_bytes(b"z")
    remove_partials(tmp_path, ("shard-*.h5",))
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept == ["film.mkv.partial", "shard-00000.h5", "shard-00000.h5.mine.partial"]


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(
            "Can't write data (errno = 28, error message = 'No space left on device')"
        ),
        RuntimeError(
            "Unable to flush raw data (error message = 'No space left on device')"
        ),
        SafetensorError(
            "Error while serializing: I/O error: No space left on device (os error 28)"
        ),
    ],
)
def test_a_full_disk_is_one_error_whoever_reports_it(
    error: Exception,
    tmp_path: Path,
) -> None:
    with (
        pytest.raises(OSError, match="No space left") as caught,
        durable_file(tmp_path / "x"),
    ):
        raise error
    assert caught.value.errno == errno.ENOSPC and caught.value.filename == str(
        tmp_path / "x"
    )


def test_pytorch_on_a_full_device(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """PyTorch drops the system's word; the free space tells."""
    usage = type("Usage", (), {"free": 0})
    monkeypatch.setattr(
        "avdf.cache.files.atomic_file.shutil.disk_usage", lambda _: usage
    )
    with pytest.raises(OSError, match="No space left"), durable_file(tmp_path / "x"):
        torch.save({"a": torch.zeros(10_000)}, "/dev/full")
