"""The device on which faces are detected."""

from avdf.cache.core.errors import SettingsError


def device_name(device: str, here: bool = True) -> str:
    """The name of a device, checked.

    Args:
        device: `cpu`, `cuda`, `cuda:N` or `auto`.
        here: the job runs on this machine; the devices of a cluster are known to its workers alone.

    Raises:
        SettingsError: it is unknown, or not there.
    """
    if device == "cpu" or (not here and device == "cuda"):
        return device
    if not here:
        raise SettingsError(f"device {device!r}: workers of a cluster use cpu or cuda")
    from avdf.cache.machine.device import choose_device  # loads PyTorch

    return str(choose_device(device))
