"""Where the model lies that was made over to run faster (:mod:`broadcaster.voice.neural.tuned`); made when it lacks."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

from broadcaster.media.bench import creation_flags

log = logging.getLogger(__name__)

TUNING = 2
"""Version of what is changed in the model."""
TUNING_S = 60.0


def quickest(model: Path) -> Path:
    """The model made over to run faster, beside the published one; that itself where this can't be done."""
    tuned = model.with_name(f"{model.stem}.tuned-{TUNING}.onnx")
    try:
        if tuned.stat().st_mtime >= model.stat().st_mtime:
            return tuned
    except OSError:
        pass
    # In a process of its own: what it needs of memory is given back.
    command = [sys.executable, "-m", "broadcaster.voice.neural.tuned", str(model), str(tuned)]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=TUNING_S, creationflags=creation_flags())
    except (OSError, subprocess.SubprocessError) as error:
        log.warning("the neural voice stays slower, its model could not be made over: %s", error)
        return model
    return tuned
