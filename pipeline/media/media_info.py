"""What is known of a media file before it is decoded."""

from dataclasses import dataclass, field
from pathlib import Path

from avdf.cache.core.stream_facts import StreamFacts
from avdf.pipeline.media.conversion import Conversion


@dataclass(frozen=True)
class MediaInfo:
    """The one video stream and the one audio stream that are used, and their times.

    program       path of the ffmpeg that decodes the file
    video_stream  None where only the sound is used: there are then no frames
    audio_stream  None where only the picture is used: the audio is then digital silence
    audio_name    `audio stream 1 (aac)`; '' where no audio is used
    start         seconds of ffmpeg's clock at time 0: the first instant that both streams cover
    offset        seconds from the file's first timestamp to time 0: file time = offset + time
    planes        planar 8-bit pixel format to decode to: `yuv420p` for 4:2:0, else `yuv444p`
    matrix        YCbCr matrix of the decoded frames: `bt709`, `bt2020` or `bt601` (also where the
                  file names none, as ffmpeg assumes)
    channels      of the decoded audio: 2 where the source has two, else 1
    conversion    what is done to the frames
    video_ends    seconds after time 0 at which the file says that the video ends; 0: it does not
    audio_ends    the same for the audio
    ends          the same for the file as a whole
    lists_key_frames  whether the container says where key frames are, so that a decoder which seeks
                  begins with the one before the time that is asked for
    unused_codecs of the streams of a kind that is not used: of the video for sound alone, of the
                  audio for the picture alone
    notes         short remarks for the video's row
    seek          seconds of the file that the decoder leaves out at its start; ffmpeg's clock then
                  begins there
    seconds       most seconds after time 0 that are decoded; None: all
    streams       what the file states of the streams that are used
    """

    path: Path
    program: str
    video_stream: int | None
    audio_stream: int | None
    width: int
    height: int
    start: float
    offset: float
    planes: str
    matrix: str
    channels: int = 1
    conversion: Conversion = field(default_factory=Conversion)
    video_ends: float = 0.0
    audio_ends: float = 0.0
    ends: float = 0.0
    audio_name: str = ""
    lists_key_frames: bool = True
    unused_codecs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seek: float = 0.0
    seconds: float | None = None
    streams: StreamFacts = field(default_factory=StreamFacts)
