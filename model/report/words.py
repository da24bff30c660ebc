"""Short names of kinds of video, spelled out for readers of a report."""

_PARTS = {"RV": "real video", "FV": "fake video", "RA": "real audio", "FA": "fake audio"}
_METHODS = {"WL": "lips by Wav2Lip", "FS": "face by FaceSwap", "GAN": "face by FSGAN"}


def spelled_out(name: str) -> str:
    """`FVRA-WL` -> `fake video, real audio, lips by Wav2Lip`; '' for a name that speaks for itself."""
    kind, _, method = name.partition("-")
    if (
        len(kind) != 4
        or kind[:2] not in _PARTS
        or kind[2:] not in _PARTS
        or (method and method not in _METHODS)
    ):
        return ""
    return ", ".join([_PARTS[kind[:2]], _PARTS[kind[2:]], *([_METHODS[method]] if method else [])])
