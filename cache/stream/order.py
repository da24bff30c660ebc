"""Which videos each batch of an epoch has, and where its windows start.

Everything here is a pure function of the videos, the seed, the epoch, the rank and the number of
ranks: every process computes the same order, and a resumed run continues it exactly.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from avdf.cache.core.clock import SEGMENT_FRAMES
from avdf.cache.core.errors import SettingsError
from avdf.cache.core.labels import FAKE, REAL

Sampling = Literal["balanced", "natural", "types", "paired"]
Labels = npt.NDArray[np.int8]  # (videos, 3) label, label_visual, label_audio
Mask = npt.NDArray[np.bool_]  # (videos,)
Videos = npt.NDArray[np.int64]  # (n,) numbers of videos
Batches = npt.NDArray[np.int64]  # (steps, batch on this rank) numbers of videos

_CLASSES_OF: Mapping[str, int] = {"natural": 1, "balanced": 2, "paired": 2, "types": 4}


def epoch_batches(
    labels: Labels,
    batch_size: int,
    sampling: Sampling,
    seed: int,
    epoch: int,
    rank: int = 0,
    world: int = 1,
    identities: Sequence[str] = (),
) -> Batches:
    """The batches of one epoch; each rank takes its own columns of them.

    An epoch has as many steps as it takes to show every video once. The videos of a small class
    come several times, each time in a new order. A class that is larger than its share of an epoch
    continues in the next epoch where it stopped: after any number of epochs, no video of a class
    was shown more than once more often than another. The last batch is filled in the same way, so
    that all batches have the same size.

    Args:
        sampling: `balanced`: half real, half fake. `natural`: each video once. `types`: a quarter
            each of real, audio fake, frames fake, both fake. `paired`: each fake once, after a real
            video of the same identity.
        rank, world: number of this process, and how many there are.
        identities: of each video; only `paired` needs them.

    Raises:
        SettingsError: a class that the sampling needs has no video, or the batch cannot be divided.
    """
    classes = _videos_by_class(labels, "balanced" if sampling == "paired" else sampling)
    share = class_share(batch_size, sampling, world)
    if sampling == "paired":
        reals, fakes = classes
        steps = _divide_up(len(fakes), share)
        chosen_fakes = _take(fakes, steps * share, seed, epoch, 1)
        generator = np.random.default_rng([seed, epoch, 0])
        partners = _real_partners(reals, chosen_fakes, identities, generator)
        taken = [partners, chosen_fakes]
    else:
        steps = _divide_up(sum(len(videos) for videos in classes), batch_size)
        taken = [
            _take(videos, steps * share, seed, epoch, number)
            for number, videos in enumerate(classes)
        ]
    # Classes alternate within a batch, so that each rank's part of it has all of them.
    by_class = [videos.reshape(steps, share) for videos in taken]
    batches = np.stack(by_class, axis=2).reshape(steps, batch_size)
    own = batch_size // world
    return batches[:, rank * own : (rank + 1) * own]


def class_share(batch_size: int, sampling: Sampling, world: int = 1) -> int:
    """How many segments of each class a batch holds.

    Raises:
        SettingsError: the batch cannot be divided into classes, or among processes.
    """
    classes = _CLASSES_OF.get(sampling, 2)
    if batch_size % classes or batch_size % world:
        raise SettingsError(
            f"a batch of {batch_size} cannot be divided into {classes} classes ({sampling}) "
            f"and {world} processes; set data.batch_size to a multiple of both"
        )
    return batch_size // classes


def window_start(
    first_rows: Sequence[int],
    lengths: Sequence[int],
    skip: Sequence[int],
    seed: int,
    epoch: int,
    slot: int,
) -> int:
    """The first row of a random window of 16 rows that lies in one track.

    All possible starts have the same probability.

    Args:
        first_rows, lengths: of each track of the video, in rows of the shard.
        skip: rows at the start of each track in which no window starts (leading silence); ignored
            for a track that would then have no window, if no other track has one.
        slot: the number of the window in the epoch; a video that comes twice gets two windows.
    """
    # Within each track, the starts from `begins` up to, but without, `ends` are possible.
    ends = np.array(lengths) - SEGMENT_FRAMES + 1
    begins = np.minimum(np.array(skip), ends)
    if not (ends - begins).any():
        begins = ends - 1
    counts = ends - begins
    # Number the starts of all tracks one after another, and choose a number.
    generator = np.random.default_rng([seed, epoch, slot])
    chosen = int(generator.integers(counts.sum()))
    track = int(np.searchsorted(np.cumsum(counts), chosen, side="right"))
    within = chosen - counts[:track].sum()
    return int(first_rows[track] + begins[track] + within)


def _videos_by_class(labels: Labels, sampling: str) -> list[Videos]:
    masks = _class_masks(labels, sampling)
    for name, mask in masks.items():
        if not mask.any():
            raise SettingsError(
                f"no {name} video to train on, which {sampling} sampling needs; see `avdf info`"
            )
    return [np.flatnonzero(mask) for mask in masks.values()]


def _class_masks(labels: Labels, sampling: str) -> dict[str, Mask]:
    """(videos,) whether each video belongs to a class, by the name of the class."""
    video, visual, audio = labels.T
    if sampling == "natural":
        return {"video": np.ones(len(labels), bool)}
    if sampling == "balanced":
        return {"real": video == REAL, "fake": video == FAKE}
    if sampling == "types":
        return {
            "real": video == REAL,
            "audio-fake": (visual == REAL) & (audio == FAKE),
            "visual-fake": (visual == FAKE) & (audio == REAL),
            "both-fake": (visual == FAKE) & (audio == FAKE),
        }
    raise SettingsError(
        f"sampling {sampling!r} is unknown; use balanced, natural, types or paired"
    )


def _take(videos: Videos, count: int, seed: int, epoch: int, number: int) -> Videos:
    """`count` videos of a class for one epoch.

    First come whole permutations of the class, then a part that continues over the epochs.

    Args:
        number: of the class; it makes the permutations of classes independent.
    """
    # 7 segments and 3 videos: two whole permutations (each video twice), and a part of 1.
    rounds, part = divmod(count, len(videos))
    generator = np.random.default_rng([seed, epoch, number])
    permutations = [generator.permutation(videos) for _ in range(rounds)]
    continued = _continued_part(videos, rounds, part, (seed, number), epoch)
    return np.concatenate([*permutations, continued])


def _continued_part(
    videos: Videos, rounds: int, part: int, seeds: tuple[int, int], epoch: int
) -> Videos:
    """`part` videos for one epoch, fewer than the class has, so that epochs together are fair.

    The videos take turns over the epochs. Those that had no turn in the current round come first.
    When all had one, the next round begins with the videos that are not yet in this epoch, so that
    no video comes twice in the part of one epoch.
    """
    # The videos that had no turn yet in the current round, in their order: none at first.
    waiting = videos[:0]
    chosen = waiting
    # The state after each epoch follows from the epochs before it, so all of them are replayed.
    for now in range(1, epoch + 1 if part else 1):
        # Videos a b c d e and a part of 3. Epoch 1 shuffles them to b e a c d, takes b e a, and c d
        # wait. Epoch 2 takes c d first, and one more from a new order.
        chosen, waiting = waiting[:part], waiting[part:]
        missing = part - len(chosen)
        if not missing:
            continue
        # Epoch 2 again: if the new order is d a b e c, the newcomer is a, since d is chosen
        # already. Then d b e c wait for epoch 3.
        order = _permutation_after(videos, rounds, seeds, now)
        newcomers = order[~np.isin(order, chosen)][:missing]
        waiting = order[~np.isin(order, newcomers)]
        chosen = np.concatenate([chosen, newcomers])
    return chosen


def _permutation_after(
    videos: Videos, rounds: int, seeds: tuple[int, int], epoch: int
) -> Videos:
    """The permutation that follows the whole ones of an epoch in its random sequence."""
    # `_take` has used up the first `rounds` permutations of this generator. Drawing them again
    # brings a new generator to the same position, so that the next one is independent of them.
    seed, number = seeds
    generator = np.random.default_rng([seed, epoch, number])
    for _ in range(rounds):
        generator.permutation(videos)
    return generator.permutation(videos)


def _real_partners(
    reals: Videos,
    fakes: Videos,
    identities: Sequence[str],
    generator: np.random.Generator,
) -> Videos:
    """For each fake a real video of its identity; any real video where there is none.

    Raises:
        SettingsError: no fake has a real video of its identity.
    """
    reals_of: dict[str, list[int]] = {}
    for video in reals.tolist():
        reals_of.setdefault(identities[video], []).append(video)
    # Videos without an identity are not partners of each other.
    reals_of.pop("", None)
    fake_identities = [identities[video] for video in fakes.tolist()]
    if not any(name in reals_of for name in fake_identities):
        raise SettingsError(
            "no fake has a real video of the same identity, which paired sampling needs; "
            "use balanced"
        )
    partners = []
    for name in fake_identities:
        candidates = reals_of.get(name, reals)
        partners.append(candidates[int(generator.integers(len(candidates)))])
    return np.array(partners, np.int64)


def _divide_up(count: int, size: int) -> int:
    """How many groups of `size` hold `count` things; the last may be smaller."""
    return -(-count // size)
