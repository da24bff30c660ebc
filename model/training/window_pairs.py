"""The windows of a batch, forged and augmented: each forged window stands after its source.

Every choice is a function of the seed, the epoch and the slot of the window in the epoch.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from avdf.cache.stream.windows import Window
from avdf.model.runs.config import RunConfig
from avdf.model.training.changed_window import ChangedWindow, changeable
from avdf.model.training.forged_copies import ForgedCopies
from avdf.model.training.training_set import TrainingSet

# Last of the seeds of each kind of choice; orders and window starts have seeds of other lengths.
_WHETHER, _HOW, _AUGMENTING, _AGAIN = 11, 12, 13, 14
_MOST_SLOTS = (
    2**40
)  # in an epoch; sources of windows that take another's place come after them


class WindowPairs:
    """Decides how the windows of training are changed."""

    def __init__(self, data: TrainingSet, config: RunConfig) -> None:
        self._data, self._seed = data, config.training.seed
        self._augments = config.data.augment != "none"
        self._share = 1.0 if data.is_genuine_alone else config.data.forge_share
        self._copies: ForgedCopies | None = None
        if data.forgers:
            self._copies = ForgedCopies(data.train, data.forgers)

    @property
    def is_used(self) -> bool:
        """Whether windows are changed at all."""
        return self._augments or self._copies is not None

    def arranged(
        self, windows: Sequence[Window], epoch: int, first: int
    ) -> list[Window]:
        """The windows of a batch as they are to be read.

        Args:
            windows: in the order of the batch; where windows are forged, each at an even position
                is genuine.
            first: the slot of the first one.
        """
        if not self.is_used:
            return list(windows)
        arranged: list[ChangedWindow] = []
        for position, window in enumerate(windows):
            slot = first + position
            found = self._changed(window, epoch, slot)
            if position % 2 and self._copies is not None:
                found = self._copy(arranged[-1], epoch, slot) or found
            arranged.append(found)
        return list(arranged)

    def replaced(self, window: Window, new: Window, epoch: int, slot: int) -> Window:
        """The window `new`, which takes the place of another one, changed in the same way.

        It shows another part, so it is no pair with the windows that stay. Both windows of a pair
        remain one where both are replaced.

        Args:
            window: that cannot be used.
            slot: a random number in place of the slot, the same for both windows of a pair.
        """
        if not isinstance(window, ChangedWindow):
            return new
        found = replace(self._changed(new, epoch, slot), source=_MOST_SLOTS + slot)
        if window.plan is None or self._copies is None:
            return found
        copy = self._copies.copy(found, [self._seed, epoch, slot, _AGAIN])
        if copy is None:
            return found
        return replace(copy, augmenting=self._augmenting(epoch, slot, True))

    def replanned(self, window: Window, epoch: int, attempt: int) -> Window:
        """The same window with another forgery."""
        if self._copies is None:
            return window
        seeds = [self._seed, epoch, window.video, window.row, attempt, _AGAIN]
        return self._copies.copy(window, seeds) or window

    def _changed(self, window: Window, epoch: int, slot: int) -> ChangedWindow:
        """A window that is not forged."""
        video = self._data.train[window.video]
        return replace(
            changeable(window),
            source=slot,
            within=video.tracks[video.track_at(window.row)],
            augmenting=self._augmenting(epoch, slot, False),
        )

    def _copy(
        self, source: ChangedWindow, epoch: int, slot: int
    ) -> ChangedWindow | None:
        """A forged copy of the window before; None where the one that is there stays."""
        generator = np.random.default_rng([self._seed, epoch, slot, _WHETHER])
        if self._copies is None or generator.random() >= self._share:
            return None
        copy = self._copies.copy(source, [self._seed, epoch, slot, _HOW])
        if copy is None:
            return None
        # Augmented by itself: the copy must not be known by what was done to both.
        return replace(copy, augmenting=self._augmenting(epoch, slot, True))

    def _augmenting(self, epoch: int, slot: int, is_copy: bool) -> tuple[int, ...]:
        """Seeds of the augmentation of a window.

        Those of a copy differ from those of its source also where both were replaced, and so have
        the same slot.
        """
        if not self._augments:
            return ()
        return self._seed, epoch, slot, _AUGMENTING, int(is_copy)
