"""The videos of validation; where no fake is among them, with a forged twin of each genuine one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from avdf.cache.core.video import VideoInfo
from avdf.cache.stream.index import VideoRef
from avdf.cache.stream.windows import NOT_STORED, Window, scoring_windows
from avdf.model.forging.recipe import Recipe, Recipes
from avdf.model.training.forged_copies import ForgedCopies, is_genuine
from avdf.model.training.training_set import TrainingSet

_TWIN = 21  # last of the seeds of a twin


@dataclass(frozen=True)
class ValidationVideos:
    """The videos that are scored after each epoch.

    videos   forged twins come after all others, with ids such as `ID#self_blend`
    windows  of all videos; each names its video by the position in `videos`
    forged   how many of the videos are forged twins
    """

    videos: tuple[VideoRef, ...]
    windows: tuple[Window, ...]
    forged: int = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """What to bear in mind about figures of these videos."""
        if not self.forged:
            return ()
        return (
            f"validation has no fake video: figures, thresholds and the best epoch rest on "
            f"{self.forged} forgeries that were made of its genuine videos; how well other fakes "
            "are found is not known",
        )


def validation_videos(data: TrainingSet, segments: int, seed: int) -> ValidationVideos:
    """The validation videos of a training set.

    Args:
        segments: at most so many of each video, spread evenly over it; 0: all.
        seed: of the forgeries. They are the same in each epoch, so that epochs can be compared.
    """
    if not data.validates_on_forgeries:
        return ValidationVideos(data.val, tuple(scoring_windows(data.val, segments)))
    copies = ForgedCopies(data.val, data.forgers)
    twins = _twins(data.val, copies)
    # Genuine and forged videos are read in the same way: the stored log-mel of one side, rounded
    # to 16 bits, beside the computed one of the other would tell them apart.
    genuine = [
        replace(window, segment=NOT_STORED)
        for window in scoring_windows(data.val, segments)
    ]
    windows_of: list[list[Window]] = [[] for _ in data.val]
    for window in genuine:
        windows_of[window.video].append(window)
    windows: list[Window] = list(genuine)
    for number, (video, recipe) in enumerate(twins, len(data.val)):
        # One set of parameters for the whole video.
        entropy = [seed, video, _TWIN]
        for window in windows_of[video]:
            copy = copies.copy_by(window, recipe, entropy)
            windows.append(replace(copy, video=number))
    videos = [
        replace(data.val[video], info=_twin_info(data.val[video].info, recipe))
        for video, recipe in twins
    ]
    return ValidationVideos((*data.val, *videos), tuple(windows), len(twins))


def _twins(
    videos: Sequence[VideoRef], copies: ForgedCopies
) -> list[tuple[int, Recipe]]:
    """The number of each genuine video that can be forged, and its recipe.

    Kinds take turns, and so do the recipes of a kind: each is as frequent as another.
    """
    twins: list[tuple[int, Recipe]] = []
    turns: dict[Recipes, int] = {}
    for number, video in enumerate(videos):
        allowed = _allowed(copies, number, video) if is_genuine(video) else ()
        if not allowed:
            continue
        # Videos with sound and silent ones have recipes of their own, and take turns apart.
        turn = turns.get(allowed, 0)
        turns[allowed] = turn + 1
        rounds, which = divmod(turn, len(allowed))
        kind = allowed[which]
        twins.append((number, kind[rounds % len(kind)]))
    return twins


def _allowed(copies: ForgedCopies, number: int, video: VideoRef) -> Recipes:
    """The recipes that all tracks of a video allow, by kind."""
    first, *others = (copies.recipes(number, track) for track in video.tracks)
    common = (
        tuple(recipe for recipe in kind if all(_has(other, recipe) for other in others))
        for kind in first
    )
    return tuple(kind for kind in common if kind)


def _has(possible: Recipes, recipe: Recipe) -> bool:
    return any(recipe in kind for kind in possible)


def _twin_info(info: VideoInfo, recipe: Recipe) -> VideoInfo:
    """What is known of the forged twin of a genuine video."""
    labels = recipe.labels
    return replace(
        info,
        id=f"{info.id}#{recipe.name}",
        category="forged",
        method=recipe.name,
        label=labels.video,
        label_visual=labels.visual,
        label_audio=labels.audio,
        periods=(),
    )
