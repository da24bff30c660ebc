"""Shards of synthetic pairs, made without media files: their faces stand still enough for that."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from avdf.cache.core.clock import FRAME_SIZE
from avdf.cache.core.log_mel import segment_log_mel
from avdf.cache.core.video import PreparedVideo, Track, VideoInfo
from avdf.cache.shards.codec import FrameCodec
from avdf.pipeline.synthetic.canvas import SIZE
from avdf.pipeline.synthetic.clip import SyntheticClip
from avdf.pipeline.synthetic.pair_options import PairOptions
from avdf.pipeline.synthetic.paired_person import PairedPerson, paired_persons
from avdf.pipeline.synthetic.pairing import Pairing
from avdf.pipeline.synthetic.pairs import clips_of
from tests.helpers.prepared import write_shard

_EDGE = (SIZE - FRAME_SIZE) // 2  # pixels of a frame on each side of its crop


def write_pair_shard(folder: Path, *options: PairOptions) -> None:
    """One shard of all videos that the options ask for."""
    videos = [video for one in options for video in pair_videos(one)]
    write_shard(folder, *videos)


def pair_videos(options: PairOptions) -> Iterator[PreparedVideo]:
    """The videos of `generate_pairs` with the same options, prepared in memory."""
    for person in paired_persons(options):
        for name, pairing, clip in clips_of(person, options):
            info = _info(name, person, pairing)
            yield PreparedVideo(info, "", options.seconds, 1, (_track(clip),))


def _info(name: str, person: PairedPerson, pairing: Pairing) -> VideoInfo:
    path = f"{person.name}/{name}"
    return VideoInfo(
        id=path,
        path=path,
        split=person.split,
        method=pairing.name,
        identity=person.name,
        synthetic=True,
        label=pairing.label,
        label_visual=0,
        label_audio=0,
    )


def _track(clip: SyntheticClip) -> Track:
    codec, rows = FrameCodec(), len(clip.frames)
    inner = slice(_EDGE, _EDGE + FRAME_SIZE)
    pcm = np.round(clip.audio * 32767).clip(-32768, 32767).astype(np.int16)
    box = np.array([_EDGE, _EDGE, _EDGE + FRAME_SIZE, _EDGE + FRAME_SIZE], np.float32)
    return Track(
        start=0.0,
        crops=tuple(codec.encode(frame[inner, inner].copy()) for frame in clip.frames),
        boxes=np.tile(box, (rows, 1)),
        probability=np.ones(rows, np.float32),
        pcm=pcm,
        log_mel=segment_log_mel(pcm),
    )
