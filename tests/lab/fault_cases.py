"""All faults there are, in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.lab.fault_disk import DISK_FAULTS
from tests.lab.fault_process import PROCESS_FAULTS
from tests.lab.fault_sound import SOUND_FAULTS
from tests.lab.fault_world import WORLD_FAULTS
from tests.lab.faults import Fault

ALL_FAULTS: tuple[Fault, ...] = (*PROCESS_FAULTS, *SOUND_FAULTS, *DISK_FAULTS, *WORLD_FAULTS)


def laboratories(faults: Sequence[Fault]) -> Iterator[tuple[str, bool, list[Fault]]]:
    """Faults grouped by their store: what its ``station.yaml`` says more, and whether its disk is small."""
    for more, small in dict.fromkeys((fault.more, fault.small_disk) for fault in faults):
        yield more, small, [fault for fault in faults if (fault.more, fault.small_disk) == (more, small)]
