"""Words for the readers of a report: titles of verdicts, and short names spelled out."""

from avdf.model.verdicts import PerVerdict

VERDICT_TITLES = PerVerdict(
    visual="The frames alone (visual)",
    audio="The audio alone",
    video="The video as a whole",
)

# FakeAVCeleb names a category after its two modalities and the method that changed the frames.
_MODALITIES = {
    "RV": "real video",
    "FV": "fake video",
    "RA": "real audio",
    "FA": "fake audio",
}
_METHODS = {"WL": "lips by Wav2Lip", "FS": "face by FaceSwap", "GAN": "face by FSGAN"}


def spelled_out(name: str) -> str:
    """`fake video, real audio, lips by Wav2Lip` for `FVRA-WL`; '' for any other kind of name."""
    kind, _, method = name.partition("-")
    parts = [kind[:2], kind[2:]]
    if any(part not in _MODALITIES for part in parts):
        return ""
    if method and method not in _METHODS:
        return ""
    words = [_MODALITIES[part] for part in parts]
    if method:
        words.append(_METHODS[method])
    return ", ".join(words)
