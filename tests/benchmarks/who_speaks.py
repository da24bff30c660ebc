"""Which of two speakers, who both talk, moves with the sound: on recordings, without weights.

    python -m tests.benchmarks.who_speaks CLIPS OUT [--leave-out ID...] [--files N] [--rows N]

CLIPS is a manifest or a folder of genuine recordings, of which each has an identity. Every two
clips of different speakers are seen side by side, with the sound of the one and then of the other.
Both mouths move, each with words of its own, so that motion alone does not give the speaker away.

Counted are, for windows of --rows rows (75, or as many as the shorter clip has): how often the
right face agrees better (nobody abstains), how often a face is named, and how often the named one
is the right one. A third part asks about sound of somebody who is not seen: no face should be
named.

Mouths are those of the crops of `avdf prep`. With --files N, N of the pairs are also written side
by side as H.264 files, and the files are prepared and asked as `avdf score` does it.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import numpy as np
import numpy.typing as npt

import avdf
from avdf.cache.core.video import PreparedVideo, VideoInfo
from avdf.cache.files.atomic_file import write_text
from avdf.cache.stream.clips import prepared_clips
from avdf.model.scoring.file_speech import FileSpeech
from avdf.model.speaking.agreement import agreement
from avdf.model.speaking.mouth import mouths
from avdf.model.speaking.shared_windows import WINDOW_ROWS
from avdf.model.speaking.sound import sound_features
from avdf.model.speaking.speaker import speaker_of
from avdf.model.speaking.speech import Speech
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.prepare import prepare_video
from avdf.pipeline.settings import PrepSettings
from tests.benchmarks.recorded_pairs import Clip, read_clips
from tests.helpers.media import ffmpeg

Table = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Counts:
    """How often a speaker was told.

    asked  windows
    named  windows in which a face was named
    right  of those, windows in which it was the right one
    """

    asked: int
    named: int
    right: int

    def __str__(self) -> str:
        share = self.right / self.named if self.named else float("nan")
        return (
            f"{self.named} of {self.asked} named ({self.named / max(self.asked, 1):.1%}), "
            f"{self.right} of them right ({share:.1%})"
        )


def main() -> None:
    given = _arguments()
    shards = given.out / "shards"
    avdf.prepare(given.clips, shards, avdf.PrepareOptions(workers=1))
    clips = read_clips(shards, given.leave_out)
    agreements = agreement_table(clips, given.rows)
    speakers = [clip.speaker for clip in clips]
    found = {
        "clips": len(clips),
        "speakers": len(set(speakers)),
        "rows": given.rows,
        "always": _as_dict(always_told(agreements, speakers)),
        "told": _as_dict(told(agreements, speakers)),
        "unseen": _as_dict(told_of_unseen(agreements, speakers)),
    }
    if given.files:
        by_file = told_in_files(clips, given.clips, given.out / "pairs", given.files)
        found["files"] = _as_dict(by_file)
    write_text(given.out / "who_speaks.json", json.dumps(found, indent=1))
    for name in ("always", "told", "unseen", "files"):
        if name in found:
            print(f"{name:7} {Counts(**found[name])}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clips", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--leave-out", nargs="*", default=[], help="ids of copies")
    parser.add_argument("--files", type=int, default=0, help="pairs as files, too")
    parser.add_argument("--rows", type=int, default=WINDOW_ROWS, help="of a window")
    return parser.parse_args()


def agreement_table(clips: Sequence[Clip], rows: int) -> Table:
    """(clips, clips) how well the mouth of each clip moves with the sound of each.

    Args:
        rows: of the window, in the middle of each clip.
    """
    rows = min([rows, *map(len, clips)])
    seen, heard = [], []
    for clip in clips:
        first = (len(clip) - rows) // 2
        own = slice(first, first + rows)
        seen.append(mouths(clip.crops[own]))
        heard.append(sound_features(clip.pcm)[own])
    return np.array([[agreement(one, sound) for sound in heard] for one in seen])


def pairs_of(speakers: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Numbers of two clips of different speakers; the sound is that of the first."""
    for first, second in permutations(range(len(speakers)), 2):
        if speakers[first] != speakers[second]:
            yield first, second


def always_told(agreements: Table, speakers: Sequence[str]) -> Counts:
    """Where the mouth that agrees better is always taken."""
    right = [
        agreements[first, first] > agreements[second, first]
        for first, second in pairs_of(speakers)
    ]
    return Counts(len(right), len(right), int(sum(right)))


def told(agreements: Table, speakers: Sequence[str]) -> Counts:
    """Where nobody is named unless it is clear."""
    named = [
        speaker_of([agreements[first, first], agreements[second, first]])
        for first, second in pairs_of(speakers)
    ]
    return Counts(
        asked=len(named),
        named=sum(index is not None for index in named),
        right=named.count(0),
    )


def told_of_unseen(agreements: Table, speakers: Sequence[str]) -> Counts:
    """The same with the sound of a third speaker, where no answer is right."""
    named = []
    for first, second in pairs_of(speakers):
        # Both orders would be the same question.
        if first > second:
            continue
        for third, speaker in enumerate(speakers):
            if speaker not in (speakers[first], speakers[second]):
                pair = [agreements[first, third], agreements[second, third]]
                named.append(speaker_of(pair))
    return Counts(len(named), sum(index is not None for index in named), 0)


def told_in_files(
    clips: Sequence[Clip], source: Path, folder: Path, count: int
) -> Counts:
    """The same through files: each pair is written side by side, decoded, and its faces followed.

    The first speaker is at the left in every other file.
    """
    folder.mkdir(exist_ok=True)
    root = source if source.is_dir() else source.parent
    every = list(pairs_of([clip.speaker for clip in clips]))
    settings = PrepSettings(faces="people")
    detector = FaceDetector(settings.face)
    asked = named = right = 0
    for number, at in enumerate(np.linspace(0, len(every) - 1, count).astype(int)):
        speaking, silent = (root / clips[index].name for index in every[at])
        path = folder / f"{number}.mp4"
        write_side_by_side(path, speaking, silent, speaker_at_left=number % 2 == 0)
        video = prepare_video(VideoInfo(path.name, str(path)), settings, detector)
        side = speaking_side(video)
        asked += 1
        named += side is not None
        right += side == ("left" if number % 2 == 0 else "right")
    return Counts(asked, named, right)


def write_side_by_side(
    path: Path, speaking: Path, silent: Path, speaker_at_left: bool
) -> None:
    """Two clips of one height as one H.264 file, with the sound of `speaking`."""
    order = "[0:v][1:v]" if speaker_at_left else "[1:v][0:v]"
    ffmpeg(
        *("-i", str(speaking), "-i", str(silent)),
        *("-filter_complex", f"{order}hstack=inputs=2:shortest=1[v]"),
        *("-map", "[v]", "-map", "0:a", "-c:v", "libx264", "-crf", "20"),
        *("-preset", "veryfast", "-c:a", "aac", "-b:a", "128k", "-shortest"),
        str(path),
    )


def speaking_side(video: PreparedVideo) -> str | None:
    """`left` or `right`: where the face is that speaks in most segments; None where none does."""
    watcher = FileSpeech(video)
    for _ in watcher.watch(prepared_clips(video)):
        pass
    spoken = {}
    for track, states in zip(video.tracks, watcher.states((), None), strict=True):
        middle = float(track.boxes[:, [0, 2]].mean())
        spoken[middle] = int((states == Speech.SPEAKS).sum())
    if not any(spoken.values()):
        return None
    most = max(spoken, key=lambda middle: spoken[middle])
    return "left" if most == min(spoken) else "right"


def _as_dict(counts: Counts) -> dict[str, int]:
    return {"asked": counts.asked, "named": counts.named, "right": counts.right}


if __name__ == "__main__":
    main()
