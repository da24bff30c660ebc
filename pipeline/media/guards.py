"""Options of ffmpeg and ffprobe that make hostile input harmless: local files, known containers."""

# Containers of recorded video and audio. Playlists, scripts and image sequences are not among them,
# because they can name other files.
_ALLOWED_FORMATS = (
    "3dostr,aac,ac3,aiff,asf,avi,caf,dv,eac3,flac,flv,h264,hevc,ivf,m4v,matroska,mov,mp3,"
    "mpeg,mpegts,mpegvideo,mxf,nut,obu,ogg,rm,wav,w64,webm"
)

# The options that every input is opened with.
GUARDS = {"protocol_whitelist": "file", "format_whitelist": _ALLOWED_FORMATS}


def guard_words() -> list[str]:
    """`GUARDS` as words of a command line."""
    return [word for name, value in GUARDS.items() for word in (f"-{name}", value)]
