"""The forgers that change the sound alone."""

from avdf.cache.core.labels import FAKE, REAL
from avdf.model.forging.forger import Forger
from avdf.model.forging.sound import cepstral, griffin_lim, lpc, world
from avdf.model.forging.sound.resynthesis import Resynthesis, resynthesised
from avdf.model.verdicts import PerVerdict


def _forger(name: str, title: str, synthesise: Resynthesis) -> Forger:
    labels = PerVerdict(visual=REAL, audio=FAKE, video=FAKE)
    return Forger(name, title, labels, resynthesised(synthesise))


# No codec is among them: speech that went through one is genuine speech, as over a telephone, and
# `augment_sound` does that to both sides.
SOUND_FORGERS = (
    _forger(
        "griffin_lim",
        "speech from its mel spectrogram (Griffin-Lim)",
        griffin_lim.from_mel,
    ),
    _forger(
        "griffin_lim_stft",
        "speech from the magnitudes of its spectrum (Griffin-Lim)",
        griffin_lim.from_stft,
    ),
    _forger("lpc", "speech from linear prediction and pitch", lpc.resynthesise),
    _forger("cepstral", "speech from its cepstrum and pitch", cepstral.resynthesise),
    _forger("world", "speech from the vocoder WORLD", world.resynthesise),
)
