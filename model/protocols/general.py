"""Protocols on any dataset."""

from avdf.cache.core.counted import counted
from avdf.cache.core.identities import identity_of, persons_of
from avdf.cache.core.identity_split import WITHOUT_TEST, splits_of
from avdf.model.protocols.assignment import Splits, Videos
from avdf.model.protocols.shares import identities_by_cell, share_out

_IDENTITY_SHARES = {"test": 0.31, "val": 0.07, "train": 0.62}


def of_dataset(videos: Videos, seed: int) -> tuple[Splits, str, int]:
    """The splits that each dataset gives; of a dataset that gives none, splits by identity.

    Returns:
        The splits; a title that says where they come from; the version of this protocol, which is
        2 where some datasets give splits and others do not.
    """
    splits, gives_splits = splits_of(videos, seed)
    found = {
        video.id: split for video, split in zip(videos, splits, strict=True) if split
    }

    given: list[str] = []
    drawn: list[str] = []
    for dataset, gives in gives_splits.items():
        group = given if gives else drawn
        group.append(dataset or "unnamed")
    from_dataset = "splits given by the dataset"
    by_identity = f"by identity, seed {seed}"
    if given and drawn:
        title = f"{from_dataset}: {', '.join(given)}; {by_identity}: {', '.join(drawn)}"
        return found, title, 2
    return found, from_dataset if given else f"splits {by_identity}", 1


def all_test(videos: Videos, _fold: str) -> Splits:
    """Every video is tested: for a detector that was trained on another dataset."""
    return {video.id: "test" for video in videos}


def identity_disjoint(videos: Videos, _fold: str) -> Splits:
    """62 % of the identities train, 7 % validate, 31 % test, also in each group and gender."""
    split_of = share_out(
        identities_by_cell(videos), _IDENTITY_SHARES, "identity-disjoint"
    )
    return {video.id: split_of[identity_of(video)] for video in videos}


def targets_disjoint(videos: Videos, _fold: str) -> Splits:
    """The splits of `identity-disjoint`, without videos of persons from two splits.

    A face swap shows its target, who may be a person of another split.
    """
    split_of = share_out(
        identities_by_cell(videos), _IDENTITY_SHARES, "identity-disjoint"
    )

    # Persons who are targets only have no video of their own: they are shared out separately.
    targets = {name for video in videos for name in video.targets.split()}
    others = {("", ""): sorted(targets - split_of.keys())}
    split_of |= share_out(others, _IDENTITY_SHARES, "targets-disjoint")

    found = {}
    for video in videos:
        splits = {split_of[name] for name in persons_of(video)}
        if len(splits) == 1:
            found[video.id] = splits.pop()
    return found


def notes_of(videos: Videos, splits: Splits) -> list[str]:
    """What a reader of results under these splits must know.

    A sentence where persons of the training videos are met again in the test, and one for a
    dataset whose test labels are not public.
    """
    found = []
    training = [video for video in videos if splits.get(video.id) == "train"]
    tested = [video for video in videos if splits.get(video.id) == "test"]
    trained = {identity_of(video) for video in training}
    again = sum(not trained.isdisjoint(persons_of(video)) for video in tested)
    if again:
        found.append(
            f"the face or the voice in {again} of {counted(len(tested), 'test video')} belongs to "
            "a person who is also in the training videos "
            "(the protocol targets-disjoint has no such test videos)"
        )
    if not tested:
        datasets = {video.dataset for video in videos if video.id in splits}
        found += [advice for name, advice in WITHOUT_TEST.items() if name in datasets]
    return found
