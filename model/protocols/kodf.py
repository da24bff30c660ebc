"""Protocols on KoDF (Kwon et al. 2021): balanced subsets, after the paper's Table 3."""

from collections.abc import Sequence

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.identities import in_hash_order
from avdf.cache.core.labels import FAKE, REAL
from avdf.model.protocols.assignment import Splits, Videos

DRAWS = tuple(str(number) for number in range(10))
ALL_DRAWS = "all-draws"  # the videos of all ten draws: scored once for all of them
SUBSET = 100  # real videos, and as many fake ones
_DATASET = "kodf"
# KoDF's only method whose videos have no audio and cannot be prepared.
_WITHOUT_AUDIO = "fsgan"


def kodf_subset(videos: Videos, draw: str) -> Splits:
    """100 real and 100 fake videos with audio, all of them tested.

    Fake videos are taken from each method in turn. The paper's own subset is not published; ten
    draws show how much the choice matters.

    Args:
        draw: `0` to `9`, or `all-draws`.

    Raises:
        SettingsError: none of the videos is of KoDF.
    """
    if draw == ALL_DRAWS:
        union: dict[str, str] = {}
        for one in DRAWS:
            union.update(kodf_subset(videos, one))
        return union
    own = [video for video in videos if video.dataset == _DATASET]
    if not own:
        raise SettingsError(
            "protocol kodf-subset is for KoDF, of which no video is here"
        )

    salt = f"kodf-subset:{draw}"
    real_ids = [video.id for video in own if video.label == REAL]
    real = in_hash_order(real_ids, salt)
    methods = [in_hash_order(ids, salt) for ids in _fakes_by_method(own)]
    fake = _in_turn(methods)
    chosen = real[:SUBSET] + fake[:SUBSET]
    return dict.fromkeys(chosen, "test")


def _fakes_by_method(videos: Videos) -> list[list[str]]:
    """The ids of the fake videos of each method, methods in alphabetical order."""
    methods: dict[str, list[str]] = {}
    for video in videos:
        if video.label == FAKE and video.method != _WITHOUT_AUDIO:
            methods.setdefault(video.method, []).append(video.id)
    return [ids for _, ids in sorted(methods.items())]


def _in_turn(queues: Sequence[Sequence[str]]) -> list[str]:
    """The first of each queue, then the second of each queue that has one, and so on."""
    longest = max(map(len, queues), default=0)
    found: list[str] = []
    for turn in range(longest):
        found += [queue[turn] for queue in queues if turn < len(queue)]
    return found


def kodf_shortfall(videos: Videos, splits: Splits) -> list[str]:
    """A sentence for each class of which fewer than 100 videos are listed."""
    chosen = [video.label for video in videos if video.id in splits]
    found = []
    for label, word in ((REAL, "real"), (FAKE, "fake")):
        count = chosen.count(label)
        if count < SUBSET:
            found.append(
                f"{SUBSET} {word} videos are wanted, {count} with audio are listed here"
            )
    return found
