"""One pass over a media file: its faces with their crops, its audio, and what is wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from avdf.cache.core.clock import FRAME_SIZE, SAMPLES_PER_FRAME
from avdf.cache.shards.crop_spool import CropSpool, StoredCrop
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.faces.detection import Box
from avdf.pipeline.faces.follow import follow
from avdf.pipeline.faces.followed_face import FollowedFace
from avdf.pipeline.faces.row_span import RowSpan
from avdf.pipeline.media.audio import DecodedAudio
from avdf.pipeline.media.decode import Decoder
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.media_info import MediaInfo
from avdf.pipeline.settings import PrepSettings


@dataclass(frozen=True)
class DecodedVideo:
    """What one pass over a file gives. Rows are those of the decoder's time line.

    first, stop      the rows that have both a frame and audio: from `first` up to `stop`
    frames_stop      the row after the last frame
    frozen           rows in which one frame is repeated: nothing of them is kept
    damage           what is wrong with the file, and where; '' for a file that is whole
    complaint        the last line that ffmpeg printed, or ''
    channels_cancel  whether both channels of the audio cancel, so that one of them was taken
    """

    faces: Sequence[FollowedFace]
    audio: DecodedAudio
    first: int
    stop: int
    frames_stop: int
    frozen: Sequence[RowSpan]
    damage: str
    complaint: str
    channels_cancel: bool

    @property
    def rows(self) -> int:
        """How many rows have both a frame and audio; below 1 where there are none."""
        return self.stop - self.first

    def shared_rows(self, face: FollowedFace) -> range:
        """The rows of a face that have audio, too."""
        first = max(face.first, self.first)
        stop = min(face.last + 1, self.stop)
        return range(first, stop)


def decode_video(
    media: MediaInfo,
    settings: PrepSettings,
    detector: FaceDetector,
    spool: CropSpool,
) -> DecodedVideo:
    """Decode a file once, follow its faces, and put their crops into the spool.

    Raises:
        MediaError: `timeout`.
        DecoderKilledError: the decoder was ended by a signal.
    """

    def encode(frame: DecodedFrame, square: Box) -> StoredCrop:
        return spool.add(settings.codec.encode(frame.crop(square, FRAME_SIZE)))

    every_face = settings.faces == "all"
    with Decoder(media, settings.limits) as decoder:
        faces, rows, frozen = follow(
            decoder.frames(),
            detector,
            encode,
            thorough=every_face,
            beside=settings.faces == "people",
        )
        audio = decoder.audio()
        damage = decoder.damage()
        frames_stop = decoder.first_row + rows
        # A row counts where all of its samples are there: rounded up at the start, down at the end.
        first_with_audio = -(-audio.first // SAMPLES_PER_FRAME)
        return DecodedVideo(
            faces=faces,
            audio=audio,
            first=max(decoder.first_row, first_with_audio),
            stop=min(frames_stop, audio.stop // SAMPLES_PER_FRAME),
            frames_stop=frames_stop,
            frozen=frozen,
            damage=damage,
            complaint=decoder.complaint(),
            channels_cancel=decoder.channels_cancel,
        )
