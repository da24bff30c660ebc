"""Options of ffmpeg and ffprobe that keep hostile input harmless."""

FORMATS = (
    "3dostr", "aac", "ac3", "aiff", "asf", "avi", "caf", "dv", "eac3", "flac", "flv", "h264", "hevc", "ivf", "m4v",
    "matroska", "mov", "mp3", "mpeg", "mpegts", "mpegvideo", "mxf", "nut", "obu", "ogg", "rm", "wav", "w64", "webm",
)  # fmt: skip


GUARDS = {"protocol_whitelist": "file", "format_whitelist": ",".join(FORMATS)}


def guard_words() -> list[str]:
    """`GUARDS` as words of a command."""
    return [word for name, value in GUARDS.items() for word in (f"-{name}", value)]
