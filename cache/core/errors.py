"""Every error that avdf raises on purpose. Each message is one sentence: what, where, what to do.

AvdfError                     the user's input cannot be used (the command ends with exit code 2)
├── SourceError               a dataset, manifest, folder or list of videos
├── ShardError                a shard or a folder of shards
│   └── SegmentError          some rows of a shard; the other rows can be used
├── SettingsError             a configuration file, option or setting
│   └── OneVideoError         a result of several videos, asked what only one video can answer
├── WeightsError              backbone weights
├── RunError                  a run folder or a checkpoint
├── JobError                  the output folder of a preparation job
├── ClusterError              a Ray cluster
└── MediaError                one video; becomes a row with its status, and the job continues
    └── DecoderKilledError    ffmpeg was killed by a signal while it decoded the video
"""


class AvdfError(Exception):
    """The user's input cannot be used."""


class SourceError(AvdfError):
    """A dataset, manifest, folder or list of videos cannot be used."""


class ShardError(AvdfError):
    """A shard, or a folder of shards, cannot be used."""


class SegmentError(ShardError):
    """Some rows of a shard cannot be used; the others can.

    Scoring reports the video with this reason; training reads another segment instead.
    """


class SettingsError(AvdfError):
    """A configuration file, option or setting cannot be used."""


class OneVideoError(SettingsError, AttributeError):
    """A result of several videos, or of none, has no verdict of its own: take one of its videos.

    It is an AttributeError too, so that `hasattr` and `getattr` with a default answer as usual.
    """


class WeightsError(AvdfError):
    """Backbone weights are missing or do not fit."""


class RunError(AvdfError):
    """A run folder or checkpoint cannot be used."""


class JobError(AvdfError):
    """A preparation job cannot write its output: the disk is full, the folder is gone, ..."""


class ClusterError(AvdfError):
    """A Ray cluster cannot be used, or its workers cannot be started."""


class MediaError(AvdfError):
    """One video cannot be prepared.

    `status` is the short reason in the column `status` of `videos.csv` (`no_face`, `corrupt`, ...);
    the message gives the details.
    """

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status

    def __reduce__(self) -> tuple[type["MediaError"], tuple[str, ...]]:
        # Exceptions are pickled by their `args`, which hold the message alone.
        return type(self), (self.status, str(self))


class DecoderKilledError(MediaError):
    """A signal ended ffmpeg, perhaps only because memory was short: worth a second attempt."""

    def __init__(self, message: str) -> None:
        super().__init__("crashed", message)

    def __reduce__(self) -> tuple[type["DecoderKilledError"], tuple[str, ...]]:
        return type(self), (str(self),)
