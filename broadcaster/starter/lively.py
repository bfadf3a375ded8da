"""Livelier pieces with drums, that stand in for English songs until the store puts in its own."""

from __future__ import annotations

from broadcaster.starter.score import Layer, Piece, Theme

_FOLDER = "playlists/english"

_SUN = Theme(
    "1 | 5/7 | 6m7 | 4 | 1 | 5/7 | 4 | 5",
    """5, 1 _ 2 3 _ _ 2 | 2 _ _ 1 7, _ 5, _ | . 1 _ 2 3 _ 5 3 | 4 _ _ 3 1 _ _ . |
       5, 1 _ 2 3 _ _ 5 | 5 _ _ 4 2 _ _ . | . 4 _ 5 6 _ 5 4 | 5 _ _ _ 2 _ _ .""",
)
_SUN_CHORUS = Theme(
    "4 | 1/3 | 5 | 6m | 4 | 1/3 | 2m7 | 5sus,5",
    """1' _ 1' 6 _ 1' _ 6 | 5 _ _ 3 5 _ _ . | 7 _ 7 5 _ 7 _ 2' | 1' _ _ 6 3 _ _ . |
       1' _ 1' 6 _ 1' _ 3' | 3' _ 2' 1' _ 5 _ . | . 4 _ 6 1' _ 6 4 | 5 _ _ _ 7 _ _ .""",
)

SUNNY_AVENUE = Piece(
    folder=_FOLDER,
    title="01 阳光大道",
    tonic=64,
    tempo=106,
    reverb_s=1.5,
    themes={
        "I": Theme("1 | 4/1 | 6m7 | 5sus,5"),
        "A": _SUN,
        "A'": _SUN.ending("4 | 5", ". 4 _ 3 4 _ 6 1' | 7 _ _ 1' 2' _ _ ."),
        "B": _SUN_CHORUS,
        "B'": _SUN_CHORUS.ending("2m7,5 | 1", ". 4 _ 6 7 _ 2' _ | 1' _ _ _ _ _ . ."),
    },
    layers={
        "lead": Layer("nylon", "melody", 0, 0.05, 0.30),
        "song": Layer("electric piano", "melody", 0, 0.05, 0.30),
        "second": Layer("steel", "thirds", -6, 0.35, 0.25),
        "guitar": Layer("steel", "x _ x, x . x, x x,", -6, -0.45, 0.20, center=62, strum_s=0.022),
        "keys": Layer("electric piano", "x _ _ x, _ _ x _", -6, 0.35, 0.25, center=61, strum_s=0.01),
        "pad": Layer("pad", "pad", -12, 0, 0.40, center=62, voices=3),
        "bass": Layer("bass", "R _ R, _ R _ F _ | R _ R, _ R _ F a", -3, 0, 0.05),
        "kit": Layer("kit", "k+h h, s+h h, k+h k, s+h h,", -6, 0, 0.15, fill="k+h h, s+h h, k+h s, s+o s,"),
    },
    form=(
        "I: guitar keys bass kit",
        "A: lead guitar bass kit",
        "A': lead guitar keys bass kit",
        "B: song guitar keys pad bass kit",
        "B': song second guitar keys pad bass kit",
        "I: guitar keys bass kit",
        "A'*: lead guitar keys bass kit",
        "B: song guitar keys pad bass kit",
        "B'*: song second guitar keys pad bass kit",
        "I: guitar keys pad bass kit",
    ),
)

_RADIO = Theme(
    "1maj7 | 6m7 | 2m7 | 57sus | 1maj7 | 6m7 | 2m7 | 57sus",
    """3 _ . 5 _ 3 2 1 | 3 _ _ . . 6, 1 2 | 4 _ . 6 _ 4 3 2 | 2 _ _ . . 1 2 3 |
       5 _ . 7 _ 5 3 2 | 3 _ _ . . 1 3 5 | 6 _ 5 4 _ 2 4 _ | 5 _ _ _ . . . .""",
)

WEEKEND_RADIO = Piece(
    folder=_FOLDER,
    title="02 周末电台",
    tonic=72,
    tempo=98,
    reverb_s=1.3,
    final="1add9",
    themes={
        "I": Theme("1maj7 | 6m7 | 2m7 | 57sus"),
        "A": _RADIO,
        "A'": _RADIO.ending("2m7 | 57sus,1add9", "4 _ 3 2 _ 4 6 _ | 5 _ 2 _ 1 _ _ ."),
        "B": Theme(
            "4maj7 | 3m7 | 2m7 | 1add9 | 4maj7 | 3m7,6m7 | 2m7 | 57sus",
            """6 _ 6 5 _ 3 5 _ | 5 _ 5 3 _ 2 3 _ | 4 _ 4 3 _ 2 4 _ | 5 _ _ . 3 _ _ . |
               6 _ 6 1' _ 6 5 3 | 5 _ 7 5 6 _ 3 _ | 4 _ 5 6 _ 4 6 1' | 2' _ _ _ 5 _ _ .""",
        ),
    },
    layers={
        "lead": Layer("vibraphone", "melody", 0, 0.10, 0.25),
        "song": Layer("flute", "melody", 0, -0.05, 0.30),
        "keys": Layer(
            "electric piano",
            "x _ . . . . x, . . . x _ . . . . | x _ . . . . x, . . . x _ . x, . .",
            -4,
            -0.10,
            0.20,
            center=60,
            strum_s=0.008,
        ),
        "guitar": Layer("nylon", ". . 3, 2 . 3, . 2 . . 3, 2 . 3, 1 .", -10, 0.45, 0.20, center=64),
        "pad": Layer("pad", "pad", -13, 0, 0.40, center=62, voices=3),
        "bass": Layer("bass", "R _ . R . . O . R, . F _ . . a .", -3, 0, 0.05),
        "kit": Layer(
            "kit",
            "k+h . h, . s+h . h, k h . k+h, . s+h . h, .",
            -6,
            0,
            0.12,
            fill="k+h . h, . s+h . h, k h . k+h, . s+h s, s, s",
        ),
    },
    form=(
        "I: keys guitar bass kit",
        "A: lead keys bass kit",
        "A': lead keys guitar bass kit",
        "B: song keys guitar pad bass kit",
        "A': lead keys guitar pad bass kit",
        "B*: song keys guitar pad bass kit",
        "A*: lead keys guitar bass kit",
        "A': lead keys guitar pad bass kit",
        "I: keys guitar pad bass kit",
    ),
)

_COAST = Theme(
    "1 | 1/3 | 4 | 5 | 6m | 5/7 | 4 | 5",
    """1 _ _ 5, 1 _ 3 _ | 5 _ _ 4 3 _ _ . | 4 _ _ 3 4 _ 6 _ | 5 _ _ _ 2 _ _ . |
       3 _ _ 2 1 _ 6, _ | 7, _ _ 1 2 _ _ . | 4 _ 3 4 6 _ 5 4 | 5 _ _ _ _ _ . .""",
)
_COAST_CHORUS = Theme(
    "6m | 4 | 1 | 5 | 6m | 4 | 1/3,4 | 5",
    """1' _ _ 7 1' _ 6 _ | 6 _ _ 5 6 _ 4 _ | 5 _ _ 3 5 _ 1' _ | 7 _ _ _ 5 _ 6 7 |
       1' _ _ 7 1' _ 3' _ | 1' _ _ 6 4 _ 6 _ | 5 _ 3 5 6 _ 1' _ | 7 _ _ _ 2' _ 7 _""",
)

COAST_ROAD = Piece(
    folder=_FOLDER,
    title="03 海风公路",
    tonic=59,
    tempo=118,
    reverb_s=1.6,
    themes={
        "I": Theme("1 | 4/1 | 1 | 5"),
        "A": _COAST,
        "A'": _COAST.ending("4 | 5", "1 _ 4 6 _ 1' 6 _ | 7 _ _ 6 5 _ 6 7"),
        "B": _COAST_CHORUS,
        "B'": _COAST_CHORUS.ending("4,5 | 1", "6 _ 1' 6 5 _ 7 _ | 1' _ _ _ _ _ . ."),
    },
    layers={
        "lead": Layer("steel", "melody", 0, 0.05, 0.30),
        "song": Layer("clarinet", "melody", 0, -0.05, 0.30),
        "second": Layer("strings", "thirds", -7, 0.20, 0.40, octave=1),
        "picking": Layer("steel", "0 2 1 3 2 1 3 2", -6, -0.45, 0.20, center=60, ring=True),
        "keys": Layer("piano", "x _ _ x _ _ x, _", -6, 0.35, 0.22, center=62),
        "pad": Layer("pad", "pad", -12, 0, 0.40, center=62, voices=3),
        "bass": Layer("bass", "R R, R R, R R, R R, | R R, R R, F F, R a", -4, 0, 0.05),
        "kit": Layer("kit", "k+h h s+h h, k+h k+h, s+h h,", -6, 0, 0.15, fill="k+h h s+h h, k+s, s, s+h s"),
        "shaker": Layer("kit", "t t, t! t, t t, t! t,", -21, 0.3, 0.15),
    },
    form=(
        "I: picking bass shaker",
        "A: lead picking bass shaker kit",
        "A': lead picking keys bass kit",
        "B: song picking keys pad bass kit",
        "B': song second picking keys pad bass kit",
        "I: picking keys bass kit",
        "A'*: lead picking keys bass kit shaker",
        "B: song picking keys pad bass kit shaker",
        "B: lead second picking keys pad bass kit shaker",
        "B'*: song second picking keys pad bass kit shaker",
        "I: picking keys pad bass kit",
    ),
)

_CITY = Theme(
    "6maj7 | 5m7 | 4m7 | 1m7 | 6maj7 | 77 | 1m9 | 1m9",
    """. 5 _ 3 5 _ 1' _ | 7 _ _ 5 4 _ _ . | . 4 _ 3 4 _ 6 _ | 5 _ _ 3 1 _ _ . |
       . 5 _ 3 5 _ 1' 3' | 2' _ _ 7 6 _ 4 _ | 5 _ _ _ _ 4 3 2 | 3 _ _ _ . . . .""",
)

CITY_LIGHTS = Piece(
    folder=_FOLDER,
    title="04 城市灯火",
    tonic=65,
    tempo=88,
    mode="minor",
    reverb_s=1.8,
    final="1m9",
    themes={
        "I": Theme("6maj7 | 5m7 | 4m7 | 1m7"),
        "A": _CITY,
        "A'": _CITY.ending("4m7,5m7 | 1m9", "4 _ 3 1 2 _ 7, _ | 1 _ _ _ _ _ . ."),
        "B": Theme(
            "3maj7 | 77 | 1m7 | 6maj7 | 3maj7 | 77 | 4m7 | 5m7",
            """5 _ 7 _ 2' _ _ 7 | 4 _ 6 _ 2' _ _ . | 3 _ 5 _ 1' _ _ 7 | 1' _ _ 6 5 _ _ . |
               5 _ 7 _ 2' _ 3' _ | 2' _ _ 7 6 _ 4 _ | 4 _ 6 _ 1' _ 3' _ | 2' _ _ _ 7 _ _ .""",
        ),
    },
    layers={
        "lead": Layer("electric piano", "melody", 0, 0.10, 0.35),
        "song": Layer("flute", "melody", 0, -0.05, 0.40),
        "second": Layer("clarinet", "thirds", -7, 0.25, 0.35),
        "keys": Layer(
            "electric piano", "x _ _ _ . . x, _ | x _ _ . x, _ _ _", -5, -0.20, 0.30, center=58, strum_s=0.02
        ),
        "guitar": Layer("nylon", ". 3 2 1 . 3 2 1", -9, 0.40, 0.30, center=63, ring=True),
        "strings": Layer("strings", "pad", -10, 0, 0.45, center=64, voices=3),
        "bass": Layer("bass", "R _ _ _ . . R, O, . . R _ _ _ F _", -3, 0, 0.05),
        "kit": Layer(
            "kit",
            "k+h . h, h, r+s,+h . h, . h . k+h, . r+s,+h . h, h,",
            -7,
            0,
            0.18,
            fill="k+h . h, h, r+s,+h . h, . k+h . k, . r+s, . s, s",
        ),
    },
    form=(
        "I: keys guitar bass",
        "A: lead keys bass kit",
        "A': lead keys guitar bass kit",
        "B: song keys guitar strings bass kit",
        "A': lead keys guitar strings bass kit",
        "B*: song second keys guitar strings bass kit",
        "A'*: lead keys guitar strings bass kit",
        "I: keys guitar strings bass kit",
    ),
)

_TOGETHER = Theme(
    "1 | 3m | 4 | 1 | 2m7 | 5 | 1,6m | 2m7,5",
    """3 _ 3 _ 5 _ 3 5 | 7 _ _ 5 3 _ _ . | 6 _ 6 _ 1' _ 6 1' | 5 _ _ 3 1 _ _ . |
       4 _ 4 _ 6 _ 4 6 | 5 _ _ 4 2 _ _ . | 3 _ 5 _ 1' _ 6 _ | 4 _ 6 _ 5 _ _ .""",
)

OFF_TOGETHER = Piece(
    folder=_FOLDER,
    title="05 一起出发",
    tonic=61,
    tempo=104,
    swing=0.62,
    reverb_s=1.4,
    themes={
        "I": Theme("1 | 4 | 1 | 5"),
        "A": _TOGETHER,
        "A'": _TOGETHER.ending("2m7,5 | 1", "4 _ 6 _ 5 _ 7, _ | 1 _ _ _ . . . ."),
        "B": Theme(
            "4 | 5 | 3m | 6m | 4 | 57 | 1 | 5sus,5",
            """1' 6 _ 4 6 _ _ . | 7 5 _ 2 5 _ _ . | 5 3 _ 7, 3 _ 5 _ | 6 _ _ 3 1 _ _ . |
               1' 6 _ 4 6 _ 1' _ | 7 _ 5 _ 4 _ 2 _ | 3 _ _ 5 1' _ 5 _ | 2 _ _ _ 5 _ _ .""",
        ),
    },
    layers={
        "lead": Layer("flute", "melody", 0, 0.05, 0.30, octave=1),
        "song": Layer("marimba", "melody", 0, -0.10, 0.25, octave=1),
        "bells": Layer("celesta", "melody", -9, 0.35, 0.35, octave=1),
        "guitar": Layer("nylon", "x _ x, x . x, x x,", -4, -0.35, 0.18, center=65, strum_s=0.018),
        "keys": Layer("piano", ". . x _ . . x _", -8, 0.35, 0.20, center=62),
        "second": Layer("clarinet", "thirds", -7, 0.25, 0.30, octave=1),
        "bass": Layer("bass", "R _ _ _ F _ _ a", -3, 0, 0.05),
        "kit": Layer("kit", "k+m m, p+m m, k+m k, p+m m,", -7, 0, 0.15, fill="k+m m, p+m m, k+m p, p+m p,"),
    },
    form=(
        "I: guitar bass kit",
        "A: lead guitar bass kit",
        "A': lead guitar keys bass kit",
        "B: song guitar keys bass kit",
        "A': lead bells guitar keys bass kit",
        "I: guitar keys bells bass kit",
        "A*: song guitar keys bass kit",
        "B: lead second guitar keys bass kit",
        "A'*: lead second bells guitar keys bass kit",
        "I: guitar keys bass kit",
    ),
)

LIVELY = (SUNNY_AVENUE, WEEKEND_RADIO, COAST_ROAD, CITY_LIGHTS, OFF_TOGETHER)
