"""How many cores this process may use, which are fewer than those of the machine in a container."""

import math
import os
from pathlib import Path

from avdf.cache.core.errors import SettingsError

_CGROUP = Path("/sys/fs/cgroup")
_MOST_WORKERS = 4096


def usable_cores() -> int:
    """Cores that the system grants this process: its affinity, within its container's quota."""
    granted = len(os.sched_getaffinity(0))
    quota = _container_quota(_CGROUP)
    return granted if quota is None else max(1, min(granted, math.ceil(quota)))


def threads_per_process() -> int:
    """Threads for this process, which shares the cores with the others that torchrun started here.

    torchrun sets `LOCAL_WORLD_SIZE` to the number of its processes on this machine.
    """
    text = os.environ.get("LOCAL_WORLD_SIZE", "1")
    processes = int(text) if text.isdigit() else 1
    return max(1, usable_cores() // max(1, processes))


def worker_count(wanted: int) -> int:
    """How many worker processes to start; 0 wanted: one for each usable core.

    Raises:
        SettingsError: no valid number.
    """
    check_worker_count(wanted)
    return wanted or usable_cores()


def check_worker_count(wanted: int) -> None:
    """Refuse a number of workers that cannot be meant.

    Raises:
        SettingsError: negative, or too many.
    """
    if not 0 <= wanted <= _MOST_WORKERS:
        raise SettingsError(
            f"workers {wanted}: use 0 (one for each core) or a number up to {_MOST_WORKERS}"
        )


def _container_quota(root: Path) -> float | None:
    """How many cores' worth of time the container may use; None without a limit."""
    try:
        # Version 2 of control groups: "QUOTA PERIOD", or "max PERIOD" without a limit.
        words = (root / "cpu.max").read_text(encoding="ascii").split()
        if len(words) == 2:
            return None if words[0] == "max" else int(words[0]) / int(words[1])
    except (OSError, ValueError, ZeroDivisionError):
        pass
    try:
        # Version 1: a file for each; a quota of -1 means no limit.
        quota = _read_number(root / "cpu" / "cpu.cfs_quota_us")
        period = _read_number(root / "cpu" / "cpu.cfs_period_us")
    except (OSError, ValueError):
        return None
    return quota / period if quota > 0 and period > 0 else None


def _read_number(path: Path) -> int:
    return int(path.read_text(encoding="ascii"))
