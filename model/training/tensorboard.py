"""Events for TensorBoard, where its package is installed (`pip install 'avdf[tensorboard]'`)."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from avdf.cache.core.errors import SettingsError


def require_tensorboard() -> None:
    """Raises SettingsError where the package is missing. To be called before a run begins."""
    if find_spec("tensorboard") is None:
        raise SettingsError(
            "TensorBoard is not installed: pip install 'avdf[tensorboard]', "
            "or leave out tensorboard"
        )


class TensorBoard:
    """Receives the lines of `log.jsonl` and `epochs.jsonl`, and writes them as scalars.

    Events after `step`, which a killed process may have left, are made void.
    """

    def __init__(self, folder: Path, step: int) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self._writer = SummaryWriter(str(folder), purge_step=step + 1)

    def write(self, line: Mapping[str, Any]) -> None:
        is_validation = any(name.startswith("auc_") for name in line)
        group = "validation" if is_validation else "training"
        for name, value in line.items():
            if name not in ("step", "epoch") and value is not None:
                self._writer.add_scalar(f"{group}/{name}", value, line["step"])
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()
