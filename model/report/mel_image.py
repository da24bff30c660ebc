"""The picture of a log-mel spectrogram."""

import cv2
import numpy as np

from avdf.model.report.evidence import Evidence
from avdf.model.report.svg import Image

_NO_FACE = 240  # grey where no face was followed


def mel_image(evidence: Evidence, width: int, height: int) -> Image:
    """(height, width, 3): low notes below, loud ones bright; grey where no face was followed."""
    mel = evidence.mel[::-1]
    heard = ~np.isnan(mel[0])
    low = float(mel[:, heard].min())
    high = float(mel[:, heard].max())
    # Silence has one value everywhere: its range of 0 must not divide.
    value_range = max(high - low, 1e-6)
    share = np.nan_to_num((mel - low) / value_range)
    grey = (share * 255).astype(np.uint8)
    size = (width, height)
    wide = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    # OpenCV colours are blue, green, red; the others here are red, green, blue.
    coloured = cv2.applyColorMap(wide, cv2.COLORMAP_BONE)
    picture = np.array(coloured[..., ::-1], np.uint8)

    # The column of the log-mel that lies below the middle of each pixel.
    middles = np.arange(width) + 0.5
    columns = middles * len(heard) / width
    columns = np.minimum(columns, len(heard) - 1).astype(int)
    picture[:, ~heard[columns]] = _NO_FACE
    return picture
