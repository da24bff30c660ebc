"""Which videos make up a batch, and where a window starts: pure functions of (sizes, seed, epoch, rank, world)."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from avdf.cache.core.clock import SEGMENT_FRAMES
from avdf.cache.core.errors import SettingsError
from avdf.cache.core.labels import FAKE, REAL

Sampling = Literal["balanced", "natural", "types", "paired"]
Batches = npt.NDArray[np.int64]  # (steps, batch on this rank): positions of videos


def epoch_batches(
    labels: npt.NDArray[np.int8],
    batch_size: int,
    sampling: Sampling,
    seed: int,
    epoch: int,
    rank: int = 0,
    world: int = 1,
    identities: Sequence[str] = (),
) -> Batches:
    """The batches of one epoch, of which each rank takes its own columns.

    Args:
        labels: (videos, 3) label, label_visual, label_audio.
        sampling: `balanced`: half real, half fake; `natural`: each video once; `types`: a quarter for each of real,
            audio fake, picture fake, both fake; `paired`: each fake once, after a real video of the same identity.
        identities: of each video, which `paired` goes by.

    An epoch has as many steps as it takes to show every video once; rarer classes come back more often, in fresh order
    each time round. A class that is larger than its share of an epoch goes on in the next one where it stopped: after
    any number of epochs no video of a class was shown twice more often than another. A last batch that is not full is
    filled in the same way, so that every step is alike.

    Raises:
        SettingsError: a class that the sampling needs has no video, or the batch cannot be divided.
    """
    groups = _groups(labels, "balanced" if sampling == "paired" else sampling)
    share = class_share(batch_size, sampling, world)
    if sampling == "paired":
        steps = -(-len(groups[1]) // share)
        fakes = _rounds(groups[1], steps * share, seed, epoch, 1)
        drawn = [
            _partners(groups[0], fakes, identities, np.random.default_rng([seed, epoch, 0])),
            fakes,
        ]
    else:
        steps = -(-sum(len(group) for group in groups) // batch_size)
        drawn = [
            _rounds(group, steps * share, seed, epoch, which) for which, group in enumerate(groups)
        ]
    columns = [videos.reshape(steps, share) for videos in drawn]
    whole = np.stack(columns, axis=2).reshape(
        steps, batch_size
    )  # classes alternate, so each rank has all of them
    return whole[:, rank * (batch_size // world) : (rank + 1) * (batch_size // world)]


def class_share(batch_size: int, sampling: Sampling, world: int = 1) -> int:
    """How many segments of each class a batch holds.

    Raises:
        SettingsError: the batch cannot be divided.
    """
    classes = {"natural": 1, "types": 4}.get(sampling, 2)
    if batch_size % classes or batch_size % world:
        raise SettingsError(
            f"a batch of {batch_size} cannot be divided into {classes} classes ({sampling}) and {world} processes; "
            "set data.batch_size to a multiple of both"
        )
    return batch_size // classes


def _groups(labels: npt.NDArray[np.int8], sampling: Sampling) -> list[npt.NDArray[np.int64]]:
    video, visual, audio = labels.T
    masks = {
        "natural": {"video": np.ones(len(labels), bool)},
        "balanced": {"real": video == REAL, "fake": video == FAKE},
        "types": {
            "real": video == REAL,
            "audio-fake": (visual == REAL) & (audio == FAKE),
            "picture-fake": (visual == FAKE) & (audio == REAL),
            "both-fake": (visual == FAKE) & (audio == FAKE),
        },
    }.get(sampling)
    if masks is None:
        raise SettingsError(
            f"sampling {sampling!r} is unknown; use balanced, natural, types or paired"
        )
    for name, mask in masks.items():
        if not mask.any():
            raise SettingsError(
                f"no {name} video to train on, which {sampling} sampling needs; see `avdf info`"
            )
    return [np.flatnonzero(mask) for mask in masks.values()]


def _rounds(
    group: npt.NDArray[np.int64], count: int, seed: int, epoch: int, which: int
) -> npt.NDArray[np.int64]:
    """`count` members for an epoch: whole permutations of the group, then a part of it that is carried over epochs."""
    whole, part = divmod(count, len(group))
    generator = np.random.default_rng([seed, epoch, which])
    rounds = [generator.permutation(group) for _ in range(whole)]
    return np.concatenate([*rounds, _carried_part(group, whole, part, seed, epoch, which)])


def _carried_part(
    group: npt.NDArray[np.int64], whole: int, part: int, seed: int, epoch: int, which: int
) -> npt.NDArray[np.int64]:
    """`part` members, fewer than the group has, so that over the epochs up to this one all have equally many turns.

    Whoever had no turn in the current round comes first. When all have had one, the next round begins, with those who
    are not in this epoch already: nobody comes twice in the part of one epoch.
    """
    waiting = group[:0]  # in their order, who had no turn yet in the current round
    chosen = waiting
    for now in range(1, epoch + 1 if part else 1):
        chosen, waiting = waiting[:part], waiting[part:]
        missing = part - len(chosen)
        if not missing:
            continue
        generator = np.random.default_rng([seed, now, which])
        for _ in range(whole):  # the epoch's whole permutations come first
            generator.permutation(group)
        fresh = generator.permutation(group)
        next_ones = fresh[~np.isin(fresh, chosen)][:missing]
        waiting = fresh[~np.isin(fresh, next_ones)]
        chosen = np.concatenate([chosen, next_ones])
    return chosen


def _partners(
    reals: npt.NDArray[np.int64],
    fakes: npt.NDArray[np.int64],
    identities: Sequence[str],
    generator: np.random.Generator,
) -> npt.NDArray[np.int64]:
    """For each fake a real video of its identity; one of anybody where there is none."""
    own: dict[str, list[int]] = {}
    for video in reals.tolist():
        own.setdefault(identities[video], []).append(video)
    if not any(identities[video] in own for video in fakes.tolist() if identities[video]):
        raise SettingsError(
            "no fake has a real video of the same identity, which paired sampling needs; use balanced"
        )
    own.pop("", None)
    chosen = [own.get(identities[video], reals) for video in fakes.tolist()]
    return np.array([videos[int(generator.integers(len(videos)))] for videos in chosen], np.int64)


def window_start(
    first_rows: Sequence[int],
    lengths: Sequence[int],
    skip: Sequence[int],
    seed: int,
    epoch: int,
    slot: int,
) -> int:
    """The first row of a random window of 16 rows that lies in one track, each possible start alike.

    Args:
        first_rows, lengths: of the video's tracks, in rows of the shard.
        skip: rows at the head of each track that no window starts in (leading silence); ignored where a track would
            then hold no window, if no other track does.
        slot: number of the draw in the epoch: a video drawn twice gets two windows.
    """
    ends = np.array(lengths) - SEGMENT_FRAMES + 1
    starts = np.minimum(np.array(skip), ends)
    if not (ends - starts).any():
        starts = ends - 1
    counts = ends - starts
    draw = int(np.random.default_rng([seed, epoch, slot]).integers(counts.sum()))
    track = int(np.searchsorted(np.cumsum(counts), draw, side="right"))
    return int(first_rows[track] + starts[track] + draw - counts[:track].sum())
