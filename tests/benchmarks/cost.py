"""What whole datasets cost, from the JSON of `avdf bench`: core-hours, gigabytes, hours.

python tests/benchmarks/cost.py PREP.json TRAIN.json [--file NAME]
    [--dataset NAME VIDEOS SECONDS TRAIN_VIDEOS]
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

FRAME_RATE = 25
EPOCHS, SEGMENT_FRAMES = (
    15,
    16,
)  # the paper's schedule: a segment of each training video an epoch
CROP_BYTES, SECOND_BYTES = (
    18.2e3,
    32e3 + 10e3,
)  # JPEG 95 4:4:4 (docs/prep.md); audio and log-mel


@dataclass(frozen=True)
class Dataset:
    """`seconds`: mean length of a video, an assumption unless it was counted."""

    name: str
    videos: int
    seconds: float
    train_videos: int


DATASETS: tuple[Dataset, ...] = (
    Dataset("FakeAVCeleb", 21_544, 7.9, 12_762),
    Dataset("LAV-DF", 136_304, 8.6, 78_703),
    Dataset("AV-Deepfake1M", 1_146_760, 5.9, 746_180),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prep", type=Path)
    parser.add_argument("train", type=Path)
    parser.add_argument(
        "--file",
        help="whose rate to take from the prep figures; without, that of all files",
    )
    parser.add_argument(
        "--dataset",
        nargs=4,
        metavar=("NAME", "VIDEOS", "SECONDS", "TRAIN_VIDEOS"),
    )
    chosen = parser.parse_args()
    prep = json.loads(chosen.prep.read_text(encoding="utf-8"))
    train = json.loads(chosen.train.read_text(encoding="utf-8"))
    rate = prep["frames_per_second"]
    if chosen.file:
        rate = next(
            one["frames_per_second"]
            for one in prep["files"]
            if one["file"] == chosen.file
        )
    a_core = rate / prep["workers"]
    datasets = DATASETS
    if chosen.dataset:
        name, videos, seconds, train_videos = chosen.dataset
        datasets = (Dataset(name, int(videos), float(seconds), int(train_videos)),)
    print(f"prep: {a_core:.0f} frames/s a core")
    print(
        f"training: {train['segments_per_second']:.2f} segments/s on {train['device']}"
    )
    print(
        "| dataset | video, h | prep, core-hours | shards, GB | paper's schedule, h |"
    )
    print("|---|---|---|---|---|")
    for one in datasets:
        hours = one.videos * one.seconds / 3600
        frames = one.videos * one.seconds * FRAME_RATE
        size = frames * CROP_BYTES + one.videos * one.seconds * SECOND_BYTES
        training = EPOCHS * one.train_videos / train["segments_per_second"] / 3600
        preparing = frames / a_core / 3600
        cells = [
            f"{hours:.0f}",
            f"{preparing:.1f}",
            f"{size / 1e9:.0f}",
            f"{training:.0f}",
        ]
        print(f"| {one.name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
