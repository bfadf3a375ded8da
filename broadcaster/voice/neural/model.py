"""ONNX Runtime's side: symbols' numbers to samples."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from broadcaster.errors import VoiceError

Samples = npt.NDArray[np.float32]

STYLES = 510
"""Rows of a voice: one for each number of symbols."""
_WIDTH = 256
THREADS = 2
"""More are slower on the two cores of a store's PC (measured)."""


class Model:
    """Weights, loaded once (about 0.7 s, 340 MB). Deterministic: the same numbers give the same samples."""

    def __init__(self, path: Path, threads: int = THREADS) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Waiting threads would burn the core that the air needs.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # the runtime's errors have no common base
            raise VoiceError(
                f"{path}: the model can't be loaded ({error}); fetch it anew with `broadcaster voices install`"
            ) from error

    def speak(self, numbers: Sequence[int], voice: Samples, speed: float) -> Samples:
        """Mono samples, which may exceed full scale. ``numbers`` are padded; ``speed`` 1 is the voice's own.

        Raises ``VoiceError``.
        """
        row = min(max(len(numbers) - 3, 0), STYLES - 1)
        given = {
            "tokens": np.array([numbers], dtype=np.int64),
            "style": voice[row],
            "speed": np.array([speed], dtype=np.float32),
        }
        try:
            (samples,) = self._session.run(None, given)
        except Exception as error:
            raise VoiceError(f"the neural voice failed ({type(error).__name__}: {error})") from error
        return np.asarray(samples, dtype=np.float32).reshape(-1)


def read_voice(path: Path) -> Samples:
    """A voice's styles, of shape (510, 1, 256). Raises ``VoiceError``."""
    try:
        values = np.fromfile(path, dtype="<f4")
    except OSError as error:
        raise VoiceError(f"{path}: the voice can't be read ({error}); see `broadcaster voices install`") from error
    if values.size != STYLES * _WIDTH or not np.isfinite(values).all():
        raise VoiceError(f"{path}: this is no voice of this model; fetch it anew with `broadcaster voices install`")
    return values.reshape(STYLES, 1, _WIDTH)
