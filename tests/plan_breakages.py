"""One way of breaking the starter plan for each fault that shows without audio."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tests.plan_kit import CALENDAR, LEVELS, PROGRAMME, STATION, TODAY, edited

WELCOME, WEATHER = "announcements/welcome-speech.yaml", "announcements/weather.yaml"
VOICES = "config/voices.yaml"


@dataclass(frozen=True, slots=True)
class Breakage:
    """Edits to one file, and the one fault that they must lead to."""

    code: str
    file: str
    edits: tuple[tuple[str, str], ...]
    mark: str
    """Text in the line that the fault must name; empty where there is no line to name."""
    field: str = ""
    value: object = None
    said: str = ""
    """Must be part of the English message or remedy."""
    today: date = TODAY

    @property
    def text(self) -> str:
        """The broken file."""
        return edited(self.file, *self.edits)


def _one(code: str, file: str, old: str, new: str, mark: str | None = None, **told: object) -> Breakage:
    return Breakage(code, file, ((old, new),), new if mark is None else mark, **told)  # type: ignore[arg-type]


BREAKAGES = [
    # --- the files themselves
    _one("not-yaml", PROGRAMME, '    from: "09:42"', '\tfrom: "09:42"'),
    _one("not-yaml", LEVELS, "range: [24, 21]", "range: [24, 21", "range: [24, 21"),
    _one("not-yaml", STATION, "zone: main", "zone: main\nzone: other", "zone: other", said="duplicate key"),
    # --- shapes and values
    _one("missing", PROGRAMME, "    level: english\n", "", "id: midday-music", field="dayparts[6].level"),
    _one("missing", STATION, "timezone: Asia/Shanghai ", "#", "", field="timezone"),
    _one("missing", PROGRAMME, '    to: "14:00"\n', "", "id: midday-music", field="dayparts[6].to"),
    _one("unknown-key", STATION, "separation:", "seperation:", field="seperation", said="“separation”"),
    _one("unknown-key", STATION, "by: 14 dB", "bye: 14 dB", field="sound.duck.bye", said="“by”"),
    _one("unknown-key", PROGRAMME, "order: shuffled", "oder: shuffled", field="dayparts[3].bed.oder", said="“order”"),
    _one("unknown-key", WEATHER, "read: 2", "reed: 2", field="reed", said="“read”"),
    _one("unknown-key", PROGRAMME, "bed: stop", "colour: red", field="spots[0].colour", said="There are: "),
    _one("not-mapping", PROGRAMME, "bed: {playlist: light, order: shuffled}", "bed: 5", field="dayparts[3].bed",
         value=5),
    _one("not-mapping", LEVELS, "welcome: {title", "other: 24\n  welcome: {title", "other: 24", field="levels.other",
         value=24),
    _one("bad-value", STATION, "port: 8080", "port: 80800", field="page.port", value=80800, said="65535"),
    _one("bad-value", LEVELS, "zero: 20", "zero: .nan", field="dial.zero", said="finite"),
    _one("bad-value", WEATHER, "read: 2", "read: 0", field="read", value=0, said="greater than or equal to 1"),
    _one("bad-choice", LEVELS, "larger_is: quieter", "larger_is: quiter", field="dial.larger_is", value="quiter",
         said="“quieter”"),
    _one("bad-choice", PROGRAMME, "order: shuffled", "order: shufled", field="dayparts[3].bed.order", value="shufled",
         said="“shuffled”"),
    _one("bad-choice", PROGRAMME, "priority: rotation", "priority: rotations", field="spots[5].priority",
         value="rotations", said="“rotation”"),
    _one("bad-time", PROGRAMME, '    from: "09:42"', '    from: "9.42"', field="dayparts[3].from", value="9.42",
         said='"09:42"'),
    _one("bad-time", PROGRAMME, 'at: ["11:00", "14:00"]', 'at: ["11:00", "25:00"]', field="spots[3].at[1]",
         value="25:00"),
    _one("bad-time", PROGRAMME, 'to: "12:00"}', 'to: "12:60"}', field="spots[4].windows[0].to", value="12:60"),
    _one("bad-clock", CALENDAR, 'open: "09:30"', "open: open + 5 min", field="hours.open", value="open + 5 min"),
    _one("bad-length", STATION, "crossfade: 2 s", "crossfade: 2 sceonds", field="sound.crossfade", value="2 sceonds"),
    _one("bad-length", PROGRAMME, "every: 30 min", "every: half an hour", field="spots[4].every", value="half an hour"),
    _one("bad-length", CALENDAR, "weekend: {close_later: 30 min}", "weekend: {close_later: -30 min}",
         field="day_types.weekend.close_later", value="-30 min"),
    _one("bad-gain", STATION, "by: 14 dB", "by: 14 decibel", field="sound.duck.by", value="14 decibel", said="12 dB"),
    _one("bad-timezone", STATION, "Asia/Shanghai ", "Asia/Shangai ", field="timezone", value="Asia/Shangai",
         said="“Asia/Shanghai”"),
    _one("bad-country", STATION, "country: CN ", "country: XX ", field="country", value="XX", said="none"),
    _one("bad-id", STATION, "zone: main ", "zone: Main Hall ", field="zone", value="Main Hall"),
    _one("bad-id", PROGRAMME, "  - id: weather\n    title", "  - id: 天气\n    title", "- id: 天气",
         field="dayparts[4].id", value="天气"),
    _one("not-one-of", PROGRAMME, '    at: "09:25"\n', '    at: "09:25"\n    every: 1 h\n', "- id: staff-talk",
         field="spots[0]", said="at, every, loop"),
    _one("not-one-of", PROGRAMME, "    script: staff-talk\n", "", "- id: staff-talk", field="spots[0]",
         said="script, rotation"),
    _one("windows-missing", PROGRAMME, '    windows: [{from: "10:05"', '    #: [{from: "10:05"', "- id: vendor-promos",
         field="spots[5]", said="windows"),
    # --- names
    _one("duplicate", PROGRAMME, "  - id: festive-greeting", "  - id: welcome-speech #2", "- id: welcome-speech #2",
         field="spots[3].id", value="welcome-speech"),
    _one("unknown-playlist", PROGRAMME, "{playlist: english,", "{playlist: englsh,", field="dayparts[6].bed.playlist",
         value="englsh", said="“english”"),
    _one("unknown-playlist", PROGRAMME, "bed: {playlist: welcome}", "bed: wellcome", field="dayparts[1].bed",
         value="wellcome", said="“welcome”"),
    _one("unknown-level", STATION, "speech_level: speech", "speech_level: speach", field="speech_level",
         value="speach", said="“speech”"),
    _one("unknown-level", PROGRAMME, "    level: light", "    level: lihgt", field="dayparts[3].level", value="lihgt",
         said="“light”"),
    _one("unknown-level", WELCOME, "chime: ding-dong", "level: loud", field="level", value="loud", said="There are: "),
    _one("unknown-script", PROGRAMME, "script: staff-talk", "script: staff-walk", field="spots[0].script",
         value="staff-walk", said="“staff-talk”"),
    _one("unknown-script", PROGRAMME, "[event-discount, event-lottery", "[event-discount, event-lotery",
         field="rotations.event-notices.scripts[1]", value="event-lotery", said="“event-lottery”"),
    _one("unknown-script", PROGRAMME, "followed_by: event-reminder", "followed_by: [event-remind]",
         field="spots[4].followed_by[0]", value="event-remind", said="“event-reminder”"),
    _one("unknown-script", STATION, "page:\n",
         "weather: {place: 杭州, latitude: 30.25, longitude: 120.15, script: wether}\npage:\n",
         "weather: {place", field="weather.script", value="wether", said="“weather”"),
    _one("unknown-rotation", PROGRAMME, "rotation: event-notices", "rotation: event-notes", field="spots[4].rotation",
         value="event-notes", said="“event-notices”"),
    _one("unknown-day-type", PROGRAMME, "days: holiday", "days: holidays", field="spots[3].days[0]", value="holidays",
         said="“holiday”"),
    _one("unknown-day-type", CALENDAR, "dates: {}", "dates: {2026-12-12: {add: [evnt]}}",
         field="dates.2026-12-12.add[0]", value="evnt", said="“event”"),
    _one("unknown-day-type", CALENDAR, "  event: {close_later", "  member-night: {above: evnt}\n  event: {close_later",
         "member-night: {above", field="day_types.member-night.above", value="evnt", said="“event”"),
    _one("unknown-rule", CALENDAR, "dates: {}", "dates: {2099-12-12: {spots: {wether: skip}}}",
         field="dates.2099-12-12.spots.wether", value="wether", said="“weather”"),
    _one("unknown-daypart", CALENDAR, "dates: {}", "dates: {2099-12-12: {dayparts: {wether: {level: light}}}}",
         field="dates.2099-12-12.dayparts.wether", value="wether", said="“weather”"),
    _one("unknown-chime", WELCOME, "chime: ding-dong", "chime: dingdong", field="chime", value="dingdong",
         said="“ding-dong”"),
    # --- levels
    _one("level-range", LEVELS, "nominal: 21", "nominal: 24", field="levels.speech.nominal", value=24.0, said="20–23"),
    _one("level-range", PROGRAMME, "    level: welcome\n", "    level: welcome\n    dial: 20\n", "    dial: 20",
         field="dayparts[0].dial", value=20.0, said="21–24"),
    _one("level-too-loud", LEVELS, "range: [20, 23]", "range: [19, 23]", field="levels.speech.range", value=19.0,
         said="+1.0 dB"),
    Breakage("dial-unmapped", LEVELS, (("  zero: 20\n", "  table: {20: 0, 24: -4, 26: -6}\n"),),
             "english: {title", "levels.english.range", 27.0, "dial.table"),
    # --- days
    _one("backwards", PROGRAMME, 'windows: [{from: "10:05", to: "11:30"}', 'windows: [{from: "10:05", to: "10:00"}',
         "- id: vendor-promos", field="vendor-promos", said="10:00"),
    _one("closes-before-opens", CALENDAR, 'close: "17:30"', 'close: "09:00"', field="hours.close"),
    _one("off-the-day", PROGRAMME, "to: close\n", "to: close + 7 h\n", "- id: send-off", field="dayparts[9]",
         said="25:00"),
    _one("overlap", PROGRAMME, '    from: "11:30"', '    from: "11:15"', "- id: midday-music", field="dayparts[6]",
         said="from 11:15 to 11:30"),
    _one("hole", PROGRAMME, '    from: "11:30"', '    from: "11:31"', "- id: midday-music", field="dayparts[6]",
         said="from 11:30 to 11:31"),
    _one("spot-long", PROGRAMME, "place: 1 min", "place: 40 s", "- id: welcome-speech", field="welcome-speech.place",
         said="40 s"),
    _one("spot-outside", PROGRAMME, 'at: "09:42"', 'at: "08:00"', "- id: welcome-speech", field="welcome-speech",
         said="08:00"),
    _one("spot-dropped", PROGRAMME, 'at: ["11:00", "14:00"]', 'at: ["10:00"]\n    move_by: 1 min',
         "- id: festive-greeting", field="festive-greeting", said="move_by"),
    _one("empty-rotation", PROGRAMME, "scripts: [promo-furniture, promo-flooring, promo-lighting]", "scripts: []",
         "- id: vendor-promos", field="vendor-promos"),
    _one("unknown-voice", STATION, "voice: zh ", "voice: zh-mail ", "voice: zh-mail", field="voice", value="zh-mail",
         said="“zh-male”"),
    _one("unknown-voice", WELCOME, "chime: ding-dong", "voice: nobody", field="voice", value="nobody", said="calm"),
    _one("unknown-voice", VOICES, "voice: zm_yunxi", "voice: zm_yunxo", "zh-male:", field="voices.zh-male.voice",
         value="zm_yunxo", said="“zm_yunxi”"),
    _one("bad-value", VOICES, "speed: 0.82", "speed: 82", "calm:", field="voices.calm.speed", value=82, said="2"),
    _one("bad-choice", VOICES, "zf_xiaoyi, speed: 0.82", "zf_xiaoyi, engine: neutral", "calm:",
         field="voices.calm.engine", value="neutral", said="“neural”"),
    _one("bad-value", WELCOME, "chime: ding-dong", "rate: 900", field="rate", value=900, said="450"),
    _one("empty-script", WELCOME, "text: |\n", "text: ''\nvoice: |\n", "text: ''", field="text"),
]  # fmt: skip
