"""Which model, voices, symbols and rate belong together. Data only: the daemon imports this."""

from __future__ import annotations

from dataclasses import dataclass, field

from broadcaster.voice.neural.vocabulary import KOKORO_V1


@dataclass(frozen=True, slots=True)
class Kind:
    """One neural model with its voices. Another one (Kokoro v1.1-zh) is another entry, with its own front end."""

    name: str
    model: str
    """The file of the weights, in the folder of voices."""
    voices: dict[str, str]
    """Voices by id, with what people see. Files are named after the id: :func:`voice_file`."""
    wanted: dict[str, tuple[str, ...]]
    """Which voices speak a language when nobody names one, best first."""
    rate_hz: int = 24_000
    vocabulary: dict[str, int] = field(repr=False, default_factory=lambda: KOKORO_V1)
    version: int = 1
    """Of everything between phrase and samples; raise it when the same phrase sounds another way."""


def voice_file(voice: str) -> str:
    """The file of a voice."""
    return f"{voice}.bin"


KOKORO = Kind(
    name="kokoro",
    model="kokoro-v1.0.int8.onnx",
    # In the order of how well a recogniser heard them (docs/voice.md).
    voices={
        "zf_xiaoyi": "晓伊 女声 Xiaoyi, female",
        "zf_xiaoxiao": "晓晓 女声 Xiaoxiao, female",
        "zf_xiaobei": "晓北 女声,语速慢 Xiaobei, female, slow",
        "zf_xiaoni": "晓妮 女声,声调不准 Xiaoni, female; tones often wrong",
        "zm_yunxi": "云希 男声 Yunxi, male",
        "zm_yunjian": "云健 男声 Yunjian, male",
        "zm_yunxia": "云夏 男声 Yunxia, male",
        "zm_yunyang": "云扬 男声 Yunyang, male",
    },
    wanted={
        "zh": ("zf_xiaoyi", "zf_xiaoxiao", "zm_yunxi", "zm_yunjian", "zm_yunxia", "zf_xiaobei", "zm_yunyang"),
        "zh-female": ("zf_xiaoyi", "zf_xiaoxiao", "zf_xiaobei"),
        "zh-male": ("zm_yunxi", "zm_yunjian", "zm_yunxia", "zm_yunyang"),
    },
)
