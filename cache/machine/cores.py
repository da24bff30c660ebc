"""How many processors this process may use: not those of the host, and not those of its neighbours."""

import math
import os
from pathlib import Path

from avdf.cache.core.errors import SettingsError

_CGROUP = Path("/sys/fs/cgroup")
_MOST_WORKERS = 4096


def usable_cores() -> int:
    """Processors that the system grants: those it may run on, within a container's share of time."""
    granted = len(os.sched_getaffinity(0))
    quota = _quota(_CGROUP)
    return granted if quota is None else max(1, min(granted, math.ceil(quota)))


def threads_each() -> int:
    """Threads for one process: torchrun starts `LOCAL_WORLD_SIZE` of them on this machine, which share it."""
    beside = os.environ.get("LOCAL_WORLD_SIZE", "1")
    return max(1, usable_cores() // (int(beside) if beside.isdigit() and int(beside) else 1))


def worker_count(wanted: int) -> int:
    """Processes to start: as many as wanted, 0 for one on each usable core.

    Raises:
        SettingsError: no such number.
    """
    if not 0 <= wanted <= _MOST_WORKERS:
        raise SettingsError(
            f"--workers {wanted}: use 0 (one for each core) or a number up to {_MOST_WORKERS}"
        )
    return wanted or usable_cores()


def _quota(root: Path) -> float | None:
    """Processors' worth of time that a container may use; None where there is no bound."""
    try:  # control groups, version 2
        words = (root / "cpu.max").read_text(encoding="ascii").split()
        if len(words) == 2:
            return None if words[0] == "max" else int(words[0]) / int(words[1])
    except (OSError, ValueError, ZeroDivisionError):
        pass
    try:  # version 1
        quota, period = (
            int((root / "cpu" / f"cpu.cfs_{name}_us").read_text(encoding="ascii"))
            for name in ("quota", "period")
        )
        return quota / period if quota > 0 and period > 0 else None
    except (OSError, ValueError):
        return None
