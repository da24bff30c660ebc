"""Every error that avdf raises on purpose. Each carries one sentence: what, where, what to do.

AvdfError               what the user gave cannot be used (the command ends with exit code 2)
├── SourceError         a dataset, manifest, folder or list of videos
├── ShardError          a shard or a folder of shards
│   └── SegmentError    some rows of a shard; the others can be used
├── SettingsError       a configuration file, option or setting
├── WeightsError        backbone weights
├── RunError            a run folder or a checkpoint
└── MediaError          one video; becomes a row with its status, never the end of a job
"""


class AvdfError(Exception):
    """What the user gave cannot be used."""


class SourceError(AvdfError):
    """A dataset, manifest, folder or list of videos cannot be used."""


class ShardError(AvdfError):
    """A shard, or a folder of shards, cannot be used."""


class SegmentError(ShardError):
    """Some rows of a shard cannot be used; the others can. Becomes a row, or another segment takes its place."""


class SettingsError(AvdfError):
    """A configuration file, option or setting cannot be used."""


class WeightsError(AvdfError):
    """Backbone weights are missing or do not fit."""


class RunError(AvdfError):
    """A run folder or checkpoint cannot be used."""


class MediaError(AvdfError):
    """One video cannot be prepared.

    `status` is the short reason that stands in `videos.csv` (`no_face`, `corrupt`, ...); the message says more.
    """

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status

    def __reduce__(self) -> tuple[type["MediaError"], tuple[str, str]]:
        return type(self), (self.status, str(self))
