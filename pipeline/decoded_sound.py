"""One pass over the sound of a media file, without its picture."""

from dataclasses import dataclass

from avdf.cache.core.clock import SAMPLES_PER_FRAME
from avdf.cache.core.errors import DecoderKilledError
from avdf.pipeline.media.audio import DecodedAudio
from avdf.pipeline.media.decode import Decoder
from avdf.pipeline.media.media_info import MediaInfo
from avdf.pipeline.settings import Limits


@dataclass(frozen=True)
class DecodedSound:
    """What one pass over the sound of a file gives.

    damage           what is wrong with the sound, and where; '' where it is whole
    channels_cancel  whether both channels cancel, so that one of them was taken
    """

    audio: DecodedAudio
    damage: str
    channels_cancel: bool

    @property
    def rows(self) -> range:
        """The rows of 640 samples that lie wholly in the sound, on the decoder's time line."""
        first = -(-self.audio.first // SAMPLES_PER_FRAME)
        return range(first, self.audio.stop // SAMPLES_PER_FRAME)


def decode_sound(media: MediaInfo, limits: Limits) -> DecodedSound:
    """Decode the sound of a file of which only that is used.

    Raises:
        MediaError: `timeout`.
        DecoderKilledError: the decoder was ended by a signal, twice.
    """
    try:
        return _decode(media, limits)
    except DecoderKilledError:
        # That may be chance (memory was short).
        return _decode(media, limits)


def _decode(media: MediaInfo, limits: Limits) -> DecodedSound:
    with Decoder(media, limits) as decoder:
        audio = decoder.audio()
        return DecodedSound(audio, decoder.damage(), decoder.channels_cancel)
