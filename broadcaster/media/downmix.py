"""Any number of channels to two."""

from __future__ import annotations

import numpy as np

from broadcaster.media.resample import Samples

_HALF_POWER = 0.7071

# Rows: what goes to the left and to the right, in the order of WAV files. The low-frequency channel is left out, as
# ITU-R BS.775-4 does. Clipping is no question here: samples are float, and the gain is set after the peak is known.
_TO_STEREO = {
    1: ((1.0,), (1.0,)),
    2: ((1.0, 0.0), (0.0, 1.0)),
    3: ((1.0, 0.0, _HALF_POWER), (0.0, 1.0, _HALF_POWER)),
    4: ((1.0, 0.0, _HALF_POWER, 0.0), (0.0, 1.0, 0.0, _HALF_POWER)),
    5: ((1.0, 0.0, _HALF_POWER, _HALF_POWER, 0.0), (0.0, 1.0, _HALF_POWER, 0.0, _HALF_POWER)),
    6: ((1.0, 0.0, _HALF_POWER, 0.0, _HALF_POWER, 0.0), (0.0, 1.0, _HALF_POWER, 0.0, 0.0, _HALF_POWER)),
    8: (
        (1.0, 0.0, _HALF_POWER, 0.0, _HALF_POWER, 0.0, _HALF_POWER, 0.0),
        (0.0, 1.0, _HALF_POWER, 0.0, 0.0, _HALF_POWER, 0.0, _HALF_POWER),
    ),
}


def to_stereo(block: Samples) -> Samples:
    """Mono goes to both sides; layouts that are not known put their channels left and right in turn."""
    channels = block.shape[1]
    if channels == 2:
        return block
    rows = _TO_STEREO.get(channels)
    matrix = np.array(rows, np.float32) if rows else np.array([np.arange(channels) % 2 == side for side in (0, 1)])
    return np.ascontiguousarray(block @ matrix.T.astype(np.float32))
