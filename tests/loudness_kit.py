"""How loud samples are, all at once."""

from __future__ import annotations

from broadcaster.media.loudness import LoudnessMeter, true_peak_db
from broadcaster.media.resample import Samples


def measure(samples: Samples) -> tuple[float, float]:
    """Integrated loudness (LUFS) and true peak (dBTP) of samples at 48 kHz."""
    meter = LoudnessMeter(samples.shape[1])
    meter.push(samples)
    return meter.integrated_lufs(), true_peak_db(samples)
