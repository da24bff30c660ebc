"""Forged copies of genuine windows: which forgery each one gets, and the sound of whom."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from avdf.cache.core.clock import SEGMENT_FRAMES
from avdf.cache.core.identities import identity_of
from avdf.cache.core.labels import REAL
from avdf.cache.stream.index import TrackRef, VideoRef
from avdf.cache.stream.order import Videos
from avdf.cache.stream.windows import Window
from avdf.model.forging.forger import Forger
from avdf.model.forging.planner import Planner, plan_of
from avdf.model.forging.recipe import Recipe, Recipes
from avdf.model.training.changed_window import ChangedWindow, changeable
from avdf.model.verdicts import PerVerdict


class ForgedCopies:
    """Makes forged copies of the windows of some videos.

    Everything is a function of the videos and of the seeds that are passed.
    """

    def __init__(self, videos: Sequence[VideoRef], forgers: Sequence[Forger]) -> None:
        """Look for the genuine videos among `videos`.

        Args:
            videos: those that windows name by their position here.
        """
        self._videos = videos
        self._planner = Planner(forgers)
        self._donors = np.array(
            [
                number
                for number, video in enumerate(videos)
                if is_genuine(video) and _sound_tracks(video)
            ],
            np.int64,
        )
        self._donor_set = set(self._donors.tolist())
        persons = {
            name: number
            for number, name in enumerate({identity_of(v.info): 0 for v in videos})
        }
        self._person = np.array([persons[identity_of(v.info)] for v in videos])

    def labels(self, has_picture: bool, has_sound: bool) -> set[PerVerdict[int]]:
        """The labels that forged copies of genuine videos like this can have."""
        numbers = [
            number
            for number, video in enumerate(self._videos)
            if is_genuine(video)
            and (video.has_picture, video.has_audio) == (has_picture, has_sound)
        ]
        # One video that can take the sound of another one is enough.
        has_other = any(self._has_other(number) for number in numbers)
        if not numbers:
            return set()
        possible = self._planner.recipes(has_picture, has_sound, has_other)
        return {recipe.labels for kind in possible for recipe in kind}

    def recipes(self, video: int, track: TrackRef) -> Recipes:
        """What can be made of a track of a video, by kind."""
        return self._planner.recipes(
            track.has_picture, track.has_audio, self._has_other(video)
        )

    def copy(self, window: Window, entropy: Sequence[int]) -> ChangedWindow | None:
        """A forged copy of a window; None where no forger can forge its track.

        Args:
            entropy: seeds, not negative.
        """
        track = self._track(window)
        possible = self.recipes(window.video, track)
        plan = self._planner.plan(possible, SEGMENT_FRAMES, entropy)
        if plan is None:
            return None
        other = None
        if plan.recipe.needs_other:
            other = self._random_other(window.video, entropy)
        return replace(changeable(window), within=track, plan=plan, other=other)

    def copy_by(
        self, window: Window, recipe: Recipe, entropy: Sequence[int]
    ) -> ChangedWindow:
        """A copy of a whole window by one recipe, which all windows of a video can share.

        Windows that follow each other take sound of another video that does so, too.
        """
        track = self._track(window)
        other = None
        if recipe.needs_other:
            donor = self._donor(window.video, entropy)
            sound = _sound_tracks(donor)[0]
            starts = sound.rows - SEGMENT_FRAMES + 1
            row = sound.row + (window.row - track.row) % starts
            other = Window(window.video, donor.shard, row)
        plan = plan_of(recipe, entropy)
        return replace(changeable(window), within=track, plan=plan, other=other)

    def _track(self, window: Window) -> TrackRef:
        video = self._videos[window.video]
        return video.tracks[video.track_at(window.row)]

    def _has_other(self, video: int) -> bool:
        """Whether another genuine video has sound."""
        is_own = int(video in self._donor_set)
        return len(self._donors) > is_own

    def _donors_for(self, video: int) -> Videos:
        """Genuine videos with sound of other persons; of the same person where there are none."""
        is_other = self._person[self._donors] != self._person[video]
        if not is_other.any():
            is_other = self._donors != video
        donors: Videos = self._donors[is_other]
        return donors

    def _donor(self, video: int, entropy: Sequence[int]) -> VideoRef:
        generator = np.random.default_rng([*entropy, 2])
        return self._videos[int(generator.choice(self._donors_for(video)))]

    def _random_other(self, video: int, entropy: Sequence[int]) -> Window:
        """A random window of another genuine video with sound."""
        donor = self._donor(video, entropy)
        tracks = _sound_tracks(donor)
        generator = np.random.default_rng([*entropy, 3])
        track = tracks[int(generator.integers(len(tracks)))]
        start = int(generator.integers(track.rows - SEGMENT_FRAMES + 1))
        return Window(video, donor.shard, track.row + start)


def is_genuine(video: VideoRef) -> bool:
    """Whether a video is labelled real."""
    return video.info.label == REAL


def _sound_tracks(video: VideoRef) -> list[TrackRef]:
    return [track for track in video.tracks if track.has_audio]
