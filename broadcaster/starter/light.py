"""Light music: calm pieces that stay in the background."""

from __future__ import annotations

from broadcaster.starter.score import Layer, Piece, Theme

_FOLDER = "playlists/light"

_CLOUD = Theme(
    "1maj7 | 3m7 | 4maj7 | 1/3 | 2m7 | 3m7,6m7 | 2m7 | 5sus,5",
    """3 _ _ _ 5 _ 1' _ | 7 _ _ _ 5 _ _ . | 6 _ _ 5 6 _ 1' _ | 5 _ _ _ _ _ . . |
       4 _ _ 3 4 _ 6 _ | 5 _ _ 7, 3 _ _ . | 2 _ 3 4 6 _ 4 _ | 5 _ _ _ 2 _ _ .""",
)

CLOUDS = Piece(
    folder=_FOLDER,
    title="01 云淡风轻",
    tonic=65,
    tempo=70,
    reverb_s=2.2,
    ring_s=7,
    final="1add9",
    themes={
        "I": Theme("1maj7 | 4maj7"),
        "A": _CLOUD,
        "A'": _CLOUD.ending("2m7,5 | 1", "2 _ 3 4 7, _ 2 _ | 1 _ _ _ _ _ . ."),
        "B": Theme(
            "6m7 | 3m7 | 4maj7 | 1/3 | 6m7 | 2/#4 | 2m7 | 5sus,5",
            """1' _ _ 7 6 _ 3 _ | 7 _ _ 6 5 _ 2 _ | 6 _ _ 5 4 _ 1 _ | 5 _ _ _ 3 _ 5 _ |
               1' _ _ 2' 3' _ 1' _ | 2' _ _ 1' 6 _ _ . | 4 _ 6 _ 1' _ 6 _ | 5 _ _ _ 7 _ _ .""",
        ),
        "Z": Theme("4maj7 | 2m7,5sus", "6 _ _ 5 3 _ _ . | 4 _ 6 _ 2 _ _ _"),
    },
    layers={
        "lead": Layer("piano", "melody", 0, 0.05, 0.35),
        "left": Layer("piano", "R F O 1 2 1 O F", -5, -0.05, 0.30, center=58, ring=True),
        "strings": Layer("strings", "pad", -9, 0, 0.50, center=62, voices=3),
        "cello": Layer("strings", "guide", -8, -0.25, 0.40, center=55),
        "song": Layer("clarinet", "melody", -1, 0.20, 0.40),
        "harp": Layer("harp", ". . . 3 . . 5 .", -11, 0.40, 0.45, center=62, ring=True),
    },
    form=(
        "I: left",
        "A: lead left",
        "A': lead left cello",
        "B: lead left strings",
        "A': song left strings harp",
        "B: lead left strings harp cello",
        "A'*: lead left strings harp",
        "Z: lead left strings",
    ),
)

_RAIN = Theme(
    "1m9 | 4m9 | 77 | 3maj7 | 6maj7 | 4m7 | 2hd | 57",
    """. 5 1' _ 7 5 _ 3 | 4 _ _ . . 4 5 6 | 7 _ 6 5 4 _ 2 _ | 5 _ _ . . 5 3 2 |
       1 _ 3 5 _ 6 5 _ | 4 _ 3 1 _ 4 6 _ | 4 _ _ 6 4 _ 2 _ | 5 _ _ _ . . . .""",
)

AFTER_RAIN = Piece(
    folder=_FOLDER,
    title="02 雨后窗台",
    tonic=69,
    tempo=78,
    mode="minor",
    swing=0.57,
    final="1m9",
    themes={
        "I": Theme("1m9 | 6maj7 | 4m9 | 57"),
        "A": _RAIN,
        "A'": _RAIN.ending("2hd,57 | 1m9", "4 _ 3 2 _ #7, 2 _ | 1 _ _ _ _ _ . ."),
        "B": Theme(
            "6maj7 | 77 | 5m7 | 1m7 | 6maj7 | 77 | 3maj7 | 57",
            """3' _ _ 2' 1' _ 5 _ | 2' _ _ 1' 7 _ 4 _ | 7 _ _ 6 5 _ 2 _ | 3 _ _ 5 1' _ _ . |
               3' _ _ 2' 1' _ 6 _ | 2' _ 4' _ 2' _ 7 _ | 5 _ 7 _ 2' _ 3' _ | 2' _ _ _ #7 _ _ .""",
        ),
    },
    layers={
        "lead": Layer("vibraphone", "melody", 0, 0.15, 0.35),
        "song": Layer("electric piano", "melody", 0, 0.10, 0.30),
        "keys": Layer(
            "electric piano", "x _ _ . . x, _ _ | x _ _ . x, _ . .", -4, -0.15, 0.25, center=59, strum_s=0.02
        ),
        "guitar": Layer("nylon", ". . 2 . 3 . 1 .", -10, 0.40, 0.30, center=62, ring=True),
        "pad": Layer("pad", "pad", -11, 0, 0.40, center=60, voices=3),
        "bass": Layer("bass", "R _ _ . . R F _ | R _ _ . R _ a _", -4, 0, 0.05),
        "kit": Layer("kit", "k+h h, b+h h, h k b+h h,", -9, 0, 0.15, fill="k+h h, b+h h, h k b b,"),
    },
    form=(
        "I: keys guitar bass",
        "A: lead keys bass kit",
        "A': lead keys guitar bass kit",
        "B: song keys pad bass kit",
        "A': lead keys guitar pad bass kit",
        "B: lead keys guitar pad bass kit",
        "A'*: song keys guitar pad bass kit",
        "I: keys guitar pad bass kit",
    ),
)

_BAMBOO = Theme(
    "1 | 6m7 | 2m7 | 5sus | 1 | 4add9 | 5sus | 6m7",
    """5 _ _ 6 5 3 2 _ | 3 _ _ 5 6 _ _ . | 1' _ 6 5 6 _ 3 2 | 2 _ _ _ . . 3 5 |
       6 _ 5 3 5 _ 6 1' | 2' _ 1' 6 1' _ _ . | 6 _ 5 3 2 _ 3 5 | 6 _ _ _ _ _ . .""",
)

BAMBOO_PATH = Piece(
    folder=_FOLDER,
    title="03 竹林小径",
    tonic=66,
    tempo=84,
    reverb_s=2.1,
    final="1add9",
    themes={
        "I": Theme("1 | 4add9 | 1 | 5sus"),
        "A": _BAMBOO,
        "A'": _BAMBOO.ending("5sus | 1add9", "3 _ 5 3 2 _ 1 6, | 1 _ _ _ _ _ . ."),
        "B": Theme(
            "4 | 1/3 | 2m7 | 6m | 4 | 5 | 3m7 | 5sus",
            """6 _ 1' 2' 1' _ 6 _ | 5 _ 6 1' 5 _ 3 _ | 2 _ 3 5 6 _ 5 _ | 3 _ _ _ 6, _ 1 3 |
               6 _ 1' 2' 3' _ 2' 1' | 2' _ _ 1' 2' _ 5 _ | 5 _ 6 5 3 _ 2 3 | 5 _ _ _ 2 _ . .""",
        ),
        "Z": Theme("4add9 | 5sus", "6 _ 1' 6 5 _ 3 _ | 2 _ 3 5 2 _ _ _"),
    },
    layers={
        "lead": Layer("flute", "melody", 0, 0.10, 0.45),
        "song": Layer("harp", "melody", 0, -0.10, 0.40),
        "marimba": Layer("marimba", "0 2 1 3 2 1 3 2 | 0 2 3 1 2 3 1 2", -5, -0.35, 0.25, center=64),
        "harp": Layer("harp", "R . F . O . 1 .", -6, 0.30, 0.40, center=62, ring=True),
        "pad": Layer("pad", "pad", -10, 0, 0.45, center=60, voices=3),
        "bass": Layer("bass", "R _ _ _ _ _ F _", -7, 0, 0.05),
        "kit": Layer("kit", "t, . t . t, . t t,", -23, 0.35, 0.25),
    },
    form=(
        "I: marimba harp",
        "A: lead marimba harp bass",
        "A': lead marimba harp pad bass",
        "B: song marimba pad bass kit",
        "A': lead marimba harp pad bass kit",
        "I: marimba harp pad bass kit",
        "B: lead marimba harp pad bass kit",
        "A'*: lead song marimba pad bass kit",
        "Z: lead marimba harp pad bass",
    ),
)

_TEA = Theme(
    "1m9 | 1m9 | 2hd | 57 | 1m9 | 4m7,77 | 3maj7,6maj7 | 2hd,57",
    """5 _ _ 4 3 _ 2 1 | 2 _ _ 3 _ _ 5 _ | 4 _ _ 3 2 _ 1 7, | #7, _ _ 2 _ _ 5 _ |
       5 _ _ 4 3 _ 5 1' | 1' _ 6 4 7 _ 6 4 | 5 _ 7 5 3 _ 5 3 | 4 _ 3 2 #7, _ _ .""",
)

AFTERNOON_TEA = Piece(
    folder=_FOLDER,
    title="04 午后茶香",
    tonic=62,
    tempo=112,
    mode="minor",
    reverb_s=1.5,
    final="1m9",
    themes={
        "I": Theme("1m9 | 4m7 | 1m9 | 2hd,57"),
        "A": _TEA,
        "A'": _TEA.ending("2hd,57 | 1m9", "4 _ 3 2 #7, _ 2 _ | 1 _ _ _ _ . . ."),
        "B": Theme(
            "4m7 | 77 | 3maj7 | 6maj7 | 4m7 | 77 | 2hd | 57",
            """. 1' _ 7 6 _ 4 _ | 2 _ _ 4 6 _ _ . | . 7 _ 6 5 _ 3 _ | 1 _ _ 3 5 _ _ . |
               . 1' _ 2' 3' _ 1' _ | 2' _ _ 7 4 _ _ . | . 4 _ 6 1' _ 6 _ | 5 _ _ 4 2 _ #7 _""",
        ),
    },
    layers={
        "lead": Layer("vibraphone", "melody", 0, 0.15, 0.30),
        "song": Layer("clarinet", "melody", 0, -0.10, 0.35),
        "solo": Layer("piano", "melody", 0, 0.10, 0.25, octave=1),
        "guitar": Layer(
            "nylon",
            "x _ . x . . x . x . . x _ . x . | . . x _ . x . . x _ . . x . x, .",
            -4,
            -0.30,
            0.20,
            center=58,
            strum_s=0.010,
        ),
        "pad": Layer("pad", "pad", -13, 0, 0.40, center=60, voices=3),
        "bass": Layer("bass", "R _ _ F F _ _ R", -4, 0, 0.05),
        "kit": Layer("kit", "r+t t, t r+t t, t r+t t, | t t, r+t t, t r+t t t,", -14, 0.20, 0.15),
    },
    form=(
        "I: guitar bass kit",
        "A: lead guitar bass kit",
        "A': lead guitar bass kit",
        "B: song guitar pad bass kit",
        "A': lead guitar pad bass kit",
        "A*: solo guitar pad bass kit",
        "A'*: solo guitar bass kit",
        "B: lead guitar pad bass kit",
        "A': song guitar pad bass kit",
        "I: guitar pad bass kit",
    ),
)

_LAKE = Theme(
    "1 | 5/7 | 6m | 3m/5 | 4maj7 | 1/3 | 2m7 | 5",
    "5 _ 3 | 2 _ 5 | 1 2 3 | 7, _ . | 6 _ 4 | 5 3 1 | 2 _ 3 4 6 _ | 5 _ .",
)

LAKESIDE = Piece(
    folder=_FOLDER,
    title="05 湖畔漫步",
    tonic=69,
    tempo=88,
    beats=3,
    reverb_s=2.0,
    themes={
        "I": Theme("1 | 4/1 | 1 | 5"),
        "A": _LAKE,
        "A'": _LAKE.ending("5 | 1", "4 3 2 _ 7, _ | 1 _ ."),
        "B": Theme(
            "6m | 3m | 4 | 1 | 2m7 | 6m | 2/#4 | 5",
            "1' 7 6 | 7 _ 5 | 6 5 4 _ 1 _ | 3 _ 5 | 4 5 6 | 1' _ 6 | 6 _ #4 | 5 _ 7",
        ),
        "C": Theme(
            "4 | 5 | 3m7 | 6m | 2m7 | 57 | 1 | 1",
            """1' 7 6 5 6 1' | 2' 1' 7 6 7 _ | 7 6 5 3 5 7 | 6 _ _ _ 3 _ |
               4 3 2 1 2 4 | 5 4 2 7, 2 5 | 3 _ _ 2 1 2 | 3 5 _ _ . .""",
        ),
        "Z": Theme("4maj7 | 1/3 | 2m7 | 5", "6 _ 4 | 5 _ 3 | 2 _ 4 | 2 _ 7,"),
    },
    layers={
        "lead": Layer("piano", "melody", 0, 0.05, 0.30),
        "song": Layer("clarinet", "melody", 0, -0.10, 0.40),
        "bells": Layer("celesta", "melody", -9, 0.35, 0.40, octave=1),
        "left": Layer("piano", "R 1+2+3, 1+2+3,", -5, -0.10, 0.25, center=59),
        "harp": Layer("harp", "R F 0 1 2 3", -7, -0.35, 0.40, center=62, ring=True),
        "strings": Layer("strings", "pad", -8, 0, 0.45, center=62, voices=3),
        "cello": Layer("strings", "guide", -8, -0.20, 0.40, center=55),
        "bass": Layer("bass", "R _ _ | R _ F", -8, 0, 0.05),
    },
    form=(
        "I: left",
        "A: lead left",
        "A': lead left cello",
        "B: song harp strings bass",
        "A': lead left strings bass",
        "C: lead harp strings bass",
        "C*: bells song harp strings bass",
        "B: song lead left strings bass",
        "A'*: lead bells left harp strings bass",
        "Z: song left strings bass",
    ),
)

LIGHT = (CLOUDS, AFTER_RAIN, BAMBOO_PATH, AFTERNOON_TEA, LAKESIDE)
