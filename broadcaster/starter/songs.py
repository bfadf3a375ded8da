"""The staff song, the welcome and the send-off: pieces with a tune to remember."""

from __future__ import annotations

from broadcaster.starter.score import Layer, Piece, Theme

_VERSE = Theme(
    "1 | 5/7 | 6m | 3m | 4 | 1/3 | 2m7 | 5sus,5",
    """3 _ 4 5 _ 3 5 _ | 2 _ 3 4 _ 2 _ 2 | 1 _ 2 3 _ 1 3 6 | 5 _ _ 3 5 _ _ . |
       6 _ 5 4 _ 1 4 6 | 5 _ 4 3 _ 1 3 5 | 4 _ 3 2 _ 3 4 6 | 5 _ _ _ 2 _ 3 2""",
)
_CHORUS = Theme(
    "4 | 5 | 3m | 6m | 2m7 | 5 | 1 | 1/3",
    """1' _ _ 7 6 _ 5 6 | 7 _ _ 6 5 _ 4 5 | 5 _ 3 5 7 _ _ 5 | 6 _ _ 5 3 _ 1 2 |
       4 _ _ 3 4 _ 6 1' | 7 _ _ 5 2' _ 7 _ | 1' _ _ _ _ 7 6 5 | 3 _ _ _ . . 5 6""",
)

STAFF_SONG = Piece(
    folder="playlists/staff-song",
    title="01 同心同行",
    tonic=62,
    tempo=113,
    length_s=150.0,
    ring_s=4.6,
    reverb_s=1.7,
    themes={
        "I": Theme("1 | 4/1 | 1 | 5sus,5"),
        "A": _VERSE,
        "A'": _VERSE.ending("2m7,5 | 1", "4 _ 3 2 7, _ 2 _ | 1 _ _ _ . . 5 6"),
        "B": _CHORUS,
        "B'": _CHORUS.ending("2m7 | 5sus,5 | 1 | 1", "4 _ _ 3 4 _ 6 1' | 2' _ _ 1' 7 _ 2' _ | 1' _ _ _ _ _ . . | ."),
        "Z": Theme(
            "4 | 1/3 | 2m7 | 5sus,5", "1' _ _ 6 4 _ 6 _ | 5 _ _ 3 1 _ 3 _ | 4 _ 6 _ 1' _ 2' _ | 2' _ _ _ 7 _ _ _"
        ),
    },
    layers={
        "lead": Layer("flute", "melody", 0, -0.05, 0.35),
        "bells": Layer("celesta", "melody", -9, 0.35, 0.40, octave=1),
        "second": Layer("clarinet", "thirds", -6, 0.25, 0.30),
        "keys": Layer("piano", "x _ 2 _ x, _ 1 3", -5, 0.10, 0.25, center=62, strum_s=0.012),
        "guitar": Layer("steel", "0 2 1 3 0 2 1 3", -9, -0.45, 0.25, center=62, ring=True),
        "strings": Layer("strings", "pad", -8, 0, 0.40, center=66, voices=3),
        "bass": Layer("bass", "R _ _ R F _ R _ | R _ _ R O _ F a", -4, 0, 0.05),
        "kit": Layer("kit", "k+h h, s+h h, k+h k+h, s+h h,", -8, 0, 0.15, fill="k+h h, s+h h, k+h s, s+h s"),
        "light": Layer("kit", "t t, t t, t t, t t,", -21, 0.3, 0.15),
    },
    form=(
        "I: keys guitar bass light",
        "A: lead keys guitar bass light",
        "A': lead keys guitar bass kit",
        "B: lead bells keys guitar strings bass kit",
        "B': lead bells second keys guitar strings bass kit",
        "I: keys guitar bells bass kit",
        "A'*: lead second keys guitar bass kit",
        "B: lead bells second keys guitar strings bass kit",
        "B': lead bells second keys guitar strings bass kit",
        "Z: lead bells keys guitar strings bass kit",
    ),
)

_MORNING = Theme(
    "1add9 | 5/7 | 6m7 | 4maj7 | 1/3 | 4 | 2m7 | 5sus,5",
    """. 1 2 3 5 _ _ 3 | 2 _ _ 1 2 _ _ . | . 6, 1 2 3 _ _ 5 | 6 _ _ 5 3 _ _ . |
       . 3 5 6 1' _ _ 6 | 6 _ _ 5 4 _ _ . | . 4 3 2 6 _ 4 3 | 2 _ _ _ _ _ . .""",
)

MORNING_LIGHT = Piece(
    folder="playlists/welcome",
    title="01 晨光",
    tonic=67,
    tempo=92,
    themes={
        "I": Theme("1add9 | 4maj7 | 1add9 | 5sus,5"),
        "A": _MORNING,
        "A'": _MORNING.ending("2m7,5 | 1", ". 4 3 2 5 _ 4 2 | 1 _ _ _ _ _ . ."),
        "B": Theme(
            "4maj7 | 3m7 | 2m7 | 1 | 4maj7 | 3m7,6m | 2m7 | 5sus,5",
            """1' _ 7 6 _ 5 6 _ | 7 _ 6 5 _ 3 5 _ | 6 _ 5 4 _ 2 4 _ | 5 _ _ 3 5 _ _ . |
               1' _ 7 6 _ 1' 3' _ | 2' _ 7 5 6 _ 3 _ | 4 _ 5 6 1' _ 6 _ | 5 _ _ _ 7 _ 2' _""",
        ),
        "Z": Theme("4maj7 | 1/3 | 2m7 | 5sus", "6 _ _ 5 3 _ _ . | 5 _ _ 3 1 _ _ . | . 2 3 4 6 _ _ 4 | 2 _ _ _ 5 _ _ _"),
    },
    layers={
        "lead": Layer("flute", "melody", 0, 0.10, 0.40),
        "second": Layer("clarinet", "thirds", -6, -0.25, 0.35),
        "guitar": Layer("nylon", "0 1 2 3 2 1 2 1", -4, -0.35, 0.25, center=60, ring=True),
        "harp": Layer("harp", ". . 3 . . . 5 .", -11, 0.40, 0.45, center=64, ring=True),
        "strings": Layer("strings", "pad", -9, 0, 0.45, center=64, voices=3),
        "bass": Layer("bass", "R _ _ _ F _ R _", -5, 0, 0.05),
        "kit": Layer("kit", "t t, t! t, t t, t! t,", -21, 0.25, 0.20),
    },
    form=(
        "I: guitar harp bass",
        "A: lead guitar bass",
        "A': lead guitar harp bass kit",
        "B: lead second guitar strings bass kit",
        "A': lead guitar harp strings bass kit",
        "B: second lead guitar harp strings bass kit",
        "A'*: lead second guitar harp strings bass kit",
        "Z: lead guitar harp strings bass",
    ),
)

_SPRING = Theme(
    "1 | 6m | 4 | 5 | 3m | 6m | 2m7 | 5sus,5",
    """5 _ 3 5 _ 1' | 1' _ 7 6 _ _ | 6 _ 4 6 _ 1' | 7 _ 6 5 _ _ |
       5 _ 7 2' _ 7 | 1' _ 6 3 _ _ | 4 _ 3 2 _ 4 | 5 _ _ 2 _ _""",
)

SPRING_WIND = Piece(
    folder="playlists/welcome",
    title="02 春风里",
    tonic=63,
    tempo=58,
    beats=2,
    reverb_s=2.0,
    themes={
        "I": Theme("1 | 4/1 | 1 | 5sus,5"),
        "A": _SPRING,
        "A'": _SPRING.ending("2m7,5 | 1", "4 _ 6 5 _ 7, | 1 _ _ _ _ ."),
        "B": Theme(
            "4 | 1/3 | 2m7 | 6m | 4 | 1/3 | 2m7 | 5sus,5",
            """1' _ 2' 1' _ 6 | 5 _ 6 5 _ 3 | 4 _ 5 6 _ 4 | 3 _ _ 1 _ 3 |
               6 _ 1' 2' _ 1' | 3' _ 2' 1' _ 5 | 6 _ 4 2 _ 4 | 5 _ _ _ 6 7""",
        ),
        "Z": Theme("4 | 1/3 | 2m7 | 5sus,5", "6 _ 5 4 _ 1 | 5 _ 3 1 _ _ | 2 _ 4 6 _ 4 | 5 _ _ 2 _ _"),
    },
    layers={
        "lead": Layer("piano", "melody", 0, 0.05, 0.30),
        "song": Layer("clarinet", "melody", 0, -0.15, 0.35),
        "bells": Layer("celesta", "melody", -8, 0.35, 0.40, octave=1),
        "left": Layer("piano", "R O 1 3 1 O", -5, -0.05, 0.25, center=56, ring=True),
        "harp": Layer("harp", "0 1 2 3 2 1", -8, -0.35, 0.40, center=66, ring=True),
        "strings": Layer("strings", "pad", -8, 0, 0.45, center=65, voices=3),
        "bass": Layer("bass", "R _ _ F _ _", -7, 0, 0.05),
    },
    form=(
        "I: left harp",
        "A: lead left",
        "A': lead left strings",
        "B: song harp left strings bass",
        "A': lead bells left strings bass",
        "I: left harp strings bass",
        "A: song harp strings left bass",
        "B: lead bells left strings bass harp",
        "A'*: lead bells left strings bass harp",
        "Z: lead left strings bass",
    ),
)

_ROAD = Theme(
    "1 | 4/1 | 1 | 6m7 | 4 | 1/3 | 2m7,4 | 5sus,5",
    """5, _ 1 2 3 _ _ _ | 4 _ 3 _ 1 _ _ . | 5, _ 1 2 5 _ _ 3 | 3 _ 2 _ 1 _ _ . |
       6, _ 1 3 4 _ 6 _ | 5 _ 3 _ 1 _ 5, _ | 2 _ 3 4 6 _ 4 _ | 2 _ _ _ _ _ . .""",
)

ROAD_HOME = Piece(
    folder="playlists/send-off",
    title="01 归途",
    tonic=68,
    tempo=66,
    reverb_s=2.3,
    ring_s=7,
    themes={
        "I": Theme("1 | 4/1"),
        "A": _ROAD,
        "A'": _ROAD.ending("2m7,5 | 1", "4 _ 3 2 7, _ 2 _ | 1 _ _ _ _ _ . ."),
        "B": Theme(
            "6m7 | 3m7 | 4maj7 | 1 | 2m7 | 1/3 | 4,4m | 5sus,5",
            """3 _ 5 _ 1' _ 7 6 | 7 _ _ 5 2 _ _ . | 1 _ 4 _ 6 _ 5 4 | 5 _ _ _ 3 _ _ . |
               4 _ 6 _ 1' _ 2' _ | 3' _ 2' 1' 5 _ _ . | 6 _ 1' _ b6 _ 4 _ | 5 _ _ _ 2 _ _ .""",
        ),
        "C": Theme("4 | 1/3 | 2m7,5 | 1", "6 _ _ 5 4 _ 1 _ | 5 _ _ 4 3 _ 1 _ | 4 _ 3 2 7, _ 5, _ | 1 _ _ _ _ _ . ."),
        "Z": Theme("4m | 5sus,5", "b6 _ _ 4 1 _ _ . | 2 _ _ _ 7, _ _ _"),
    },
    layers={
        "lead": Layer("piano", "melody", 0, 0.05, 0.35),
        "song": Layer("flute", "melody", -1, 0.15, 0.45),
        "left": Layer("piano", "R O T O 1 2 1 O", -5, -0.05, 0.30, center=60, ring=True),
        "harp": Layer("harp", ". . 0 2 4 5 4 2", -8, -0.40, 0.45, center=62, ring=True),
        "strings": Layer("strings", "pad", -7, 0, 0.45, center=62, voices=3),
        "cello": Layer("strings", "guide", -7, -0.20, 0.40, center=54),
        "bass": Layer("bass", "R _ _ _ _ _ _ _", -9, 0, 0.05),
    },
    form=(
        "I: left",
        "A: lead left",
        "A': lead left cello",
        "B: song left harp strings bass",
        "A'*: lead left harp strings bass",
        "C: song lead left cello strings bass",
        "Z: lead left harp strings bass",
    ),
)

_TOMORROW = Theme(
    "1 | 4maj7 | 1 | 5sus | 6m7 | 3m7 | 4maj7 | 5sus,5",
    """3 5 _ 3 5 _ 1' _ | 6 _ _ 5 3 _ _ . | 3 5 _ 3 5 _ 3' _ | 2' _ _ 1' 2' _ _ . |
       1' 3' _ 1' 6 _ 3 _ | 5 7 _ 5 2 _ _ . | 4 6 _ 4 1 _ 4 _ | 5 _ _ _ 2 _ _ .""",
)

SEE_YOU_TOMORROW = Piece(
    folder="playlists/send-off",
    title="02 明天见",
    tonic=70,
    tempo=80,
    themes={
        "I": Theme("1 | 4maj7"),
        "A": _TOMORROW,
        "A'": _TOMORROW.ending("2m7,5 | 1", "4 6 _ 4 5 _ 7, _ | 1 _ _ _ _ _ . ."),
        "B": Theme(
            "2m7 | 5 | 3m7 | 6m7 | 4maj7 | 5 | 1/3,4 | 5sus,5",
            """6 _ 4 _ 2 _ 4 6 | 7 _ _ 6 5 _ _ . | 7 _ 5 _ 3 _ 5 7 | 1' _ _ 7 6 _ _ . |
               6 _ 1' _ 3' _ 1' 6 | 2' _ _ 7 5 _ _ . | 5 _ 1' _ 6 _ 4 _ | 5 _ _ _ 7 _ 2' _""",
        ),
        "Z": Theme("4maj7 | 5sus", "6 _ _ 5 3 _ 1 _ | 2 _ _ _ 5, _ _ _"),
    },
    layers={
        "lead": Layer("celesta", "melody", 0, 0.10, 0.35),
        "song": Layer("vibraphone", "melody", 0, -0.10, 0.35),
        "guitar": Layer("nylon", "R 1 2 3 F 3 2 1", -4, -0.30, 0.25, center=58, ring=True),
        "keys": Layer("electric piano", "x _ _ _ . x, _ _", -7, 0.30, 0.30, center=62, strum_s=0.015),
        "strings": Layer("strings", "pad", -9, 0, 0.45, center=62, voices=3),
        "second": Layer("clarinet", "thirds", -6, 0.25, 0.35),
        "bass": Layer("bass", "R _ _ _ F _ _ _", -6, 0, 0.05),
    },
    form=(
        "I: guitar",
        "A: lead guitar bass",
        "A': lead guitar keys bass",
        "B: song second guitar keys strings bass",
        "A': lead guitar keys strings bass",
        "B: song second guitar keys strings bass",
        "A'*: lead guitar keys strings bass",
        "Z: lead guitar strings bass",
    ),
)

SONGS = (STAFF_SONG, MORNING_LIGHT, SPRING_WIND, ROAD_HOME, SEE_YOU_TOMORROW)
