"""The symbols that Kokoro's weights were trained on, and their numbers.

A fact about the weights, published with them: ``vocab`` in ``config.json`` of hexgrad/Kokoro-82M (Apache-2.0).
Number 0 pads both ends.
"""

from __future__ import annotations

from broadcaster.errors import VoiceError

PAD = 0

# Runs of symbols with consecutive numbers, by the number of the first.
_RUNS = {
    1: ";:,.!?",
    9: '—…"()“” \u0303ʣʥʦʨᵝ\uab67AI',
    31: "O",
    33: "Q",
    35: "ST",
    39: "W",
    41: "Yᵊabcdef",
    50: "hijklmnopqrstuvwxyzɑɐɒæ",
    75: "βɔɕç",
    80: "ɖðʤə",
    85: "ɚɛɜ",
    90: "ɟ",
    92: "ɡ",
    99: "ɥ",
    101: "ɨɪʝ",
    110: "ɯɰŋɳɲɴø",
    118: "ɸθœ",
    123: "ɹ",
    125: "ɾɻ",
    128: "ʁɽʂʃʈʧ",
    135: "ʊʋ",
    138: "ʌɣɤ",
    142: "χʎ",
    147: "ʒʔ",
    156: "ˈˌː",
    162: "ʰ",
    164: "ʲ",
    169: "↓",
    171: "→↗↘",
    177: "ᵻ",
}
KOKORO_V1: dict[str, int] = {symbol: first + place for first, run in _RUNS.items() for place, symbol in enumerate(run)}


def numbers(symbols: str, vocabulary: dict[str, int]) -> list[int]:
    """The symbols' numbers, padded. Raises ``VoiceError``: a sound left out would be a word said wrong."""
    try:
        return [PAD, *(vocabulary[symbol] for symbol in symbols), PAD]
    except KeyError as error:
        raise VoiceError(f"the neural voice has no sound {error.args[0]!r}, asked for in {symbols!r}") from None
