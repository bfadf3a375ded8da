"""``broadcaster say`` and ``broadcaster voices``: hear a text, see and fetch voices."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from broadcaster.errors import BroadcasterError, UsageError
from broadcaster.settings import Home

if TYPE_CHECKING:
    from broadcaster.plan.models import Voices
    from broadcaster.voice.fetch.install import Installed
    from broadcaster.voice.speaker import Speaker
    from broadcaster.voice.studio import Studio

SAMPLE = "亲爱的顾客，欢迎光临。今天全场满1000减200，活动到晚上9:30结束，祝您购物愉快。"
_USUAL = ("zh", "cmn", "yue", "en")
_WAV = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("text")
@click.option("--out", required=True, type=_WAV, help="WAV 文件 · the WAV file")
@click.option("--voice", default="zh", show_default=True, help="声音 · the voice; see broadcaster voices")
@click.option("--engine", help="语音引擎 · the speech engine: neural, pyttsx3 [默认 default: the best there is]")
@click.option("--speed", type=click.FloatRange(0.5, 2.0), help="语速,1 为原速 · 1 is the voice's own pace")
@click.pass_obj
def say(home: Home, text: str, out: Path, voice: str, engine: str | None, speed: float | None) -> None:
    """把一段话念成播出时的样子 · Speak a text exactly as it would air."""
    _say(home, text, out, voice, engine, speed)


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="只输出一个 JSON 文档 · one JSON document, nothing else")
@click.option("--all", "every", is_flag=True, help="也列出其他语言 · other languages than Chinese and English too")
@click.pass_context
def voices(ctx: click.Context, as_json: bool, every: bool) -> None:
    """可用的声音;安装神经语音 · The voices there are, and what is missing; fetch the neural voice."""
    if ctx.invoked_subcommand is None:
        document = _listed(ctx.obj)
        _out(document) if as_json else _show(document, every)
        sys.exit(0 if any(voice["installed"] for voice in document["voices"]) else 1)


@voices.command()
@click.argument("name", required=False)
@click.option(
    "--from",
    "given",
    metavar="DIR_OR_URL",
    help="先从这里取:U 盘里的文件夹,或镜像网址 · look here first: a USB stick, a mirror",
)
@click.option("--list-sources", is_flag=True, help="只列出来源 · only tell where they would come from")
@click.option("--json", "as_json", is_flag=True, help="只输出一个 JSON 文档 · one JSON document, nothing else")
@click.pass_obj
def install(home: Home, name: str | None, given: str | None, list_sources: bool, as_json: bool) -> None:
    """下载神经语音(约 97 MB),可续传、校验 · Fetch the neural voice, or one voice of it; what is there stays."""
    from broadcaster.voice.fetch.install import install as fetch
    from broadcaster.voice.fetch.install import sources
    from broadcaster.voice.neural.kinds import KOKORO
    from broadcaster.voice.neural.tuning import quickest

    if list_sources:
        for source in sources(given):
            click.echo(f"{source.name:16} {source.title}")
        return
    with _progress(quiet=as_json) as progress:
        done = fetch(home.voices, name, progress=progress, given=given)
    if (home.voices / KOKORO.model).is_file():
        # Now, and not when the first notice waits for it.
        quickest(home.voices / KOKORO.model)
    if as_json:
        _out({
            "ok": not done.missing,
            "folder": str(home.voices),
            "there": list(done.there),
            "fetched": [{"file": file, "source": source} for file, source in done.fetched],
            "failures": [{"source": one.source, "reason": one.reason, "remedy": one.remedy} for one in done.failures],
            "missing": list(done.missing),
        })  # fmt: skip
    else:
        _tell(home, done)
    sys.exit(1 if done.missing else 0)


@voices.command()
@click.argument("voice")
@click.option("--out", required=True, type=_WAV, help="WAV 文件 · the WAV file")
@click.option("--text", default=SAMPLE, help="念什么 · what it says")
@click.pass_obj
def sample(home: Home, voice: str, out: Path, text: str) -> None:
    """试听一个声音 · Write a sample of a voice."""
    _say(home, text, out, voice, None, None)


def _say(home: Home, text: str, out: Path, voice: str, engine: str | None, speed: float | None) -> None:
    from broadcaster.publishing.casting import cast
    from broadcaster.voice.build import ENGINES
    from broadcaster.voice.say import say as speak
    from broadcaster.voice.utterance import Utterance

    if engine not in (None, "auto", *ENGINES):
        raise UsageError(f"没有语音引擎 {engine!r} / there is no speech engine {engine!r}; {', '.join(ENGINES)}")
    chosen = cast(_plan_voices(home), voice, speed=speed)
    wanted = engine if engine not in (None, "auto") else chosen.engine
    utterance = Utterance(text=text, manner=chosen.manner, language=chosen.language, engine=wanted)
    with _studio(home) as studio:
        recording = speak(studio, utterance, out)
        about = studio.about(recording)
    by = f", {about.engine}" if about and about.engine else ""
    click.echo(f"{out}: {recording.duration_s:.1f} s, {recording.loudness_lufs:.1f} LUFS{by}")
    for better in about.instead_of if about else ():
        click.echo(better, err=True)


def _plan_voices(home: Home) -> Voices:
    from broadcaster.plan.load import read_plan
    from broadcaster.plan.models import Voices

    return read_plan(home.root).voices if (home.root / "config").is_dir() else Voices()


@contextlib.contextmanager
def _studio(home: Home) -> Iterator[Studio]:
    """The home's studio with its cache; outside of a home everything is rendered anew and nothing is left."""
    from broadcaster.plan.load import LEXICON
    from broadcaster.voice.build import build_studio

    with contextlib.ExitStack() as stack:
        cache = home.var / "media"
        if not (home.root / "config").is_dir():
            cache = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        studio = build_studio(cache, home.voices, home.root / LEXICON)
        stack.callback(studio.close)
        yield studio


def _listed(home: Home) -> dict[str, Any]:
    from broadcaster.voice.build import build_studio
    from broadcaster.voice.neural_speaker import NeuralSpeaker

    studio = build_studio(home.var / "media", home.voices, home.root / "config" / "lexicon.csv")
    found: list[dict[str, Any]] = []
    engines: list[dict[str, Any]] = []
    try:
        for speaker in studio.ladder.speakers:
            lacking = speaker.missing()
            engines.append({"name": speaker.name, "missing": lacking})
            for voice in speaker.all_voices() if isinstance(speaker, NeuralSpeaker) else _there(speaker, engines[-1]):
                lacks = speaker.missing_voice(voice.id) if isinstance(speaker, NeuralSpeaker) else lacking
                about = {"id": voice.id, "name": voice.name, "language": voice.language, "engine": voice.engine}
                found.append({**about, "installed": lacks is None, "missing": lacks})
    finally:
        studio.close()
    return {"voices": found, "engines": engines, "folder": str(home.voices)}


def _there(speaker: Speaker, engine: dict[str, Any]) -> list[Any]:
    try:
        return speaker.voices()
    except BroadcasterError as error:
        engine["missing"] = str(error)
        return []


def _show(document: dict[str, Any], every: bool) -> None:
    shown = [voice for voice in document["voices"] if every or voice["language"].lower().startswith(_USUAL)]
    for voice in shown:
        mark = "" if voice["installed"] else "  缺 missing"
        click.echo(f"{voice['id']:32} {voice['language']:12} {voice['name']}  ({voice['engine']}){mark}")
    if left := len(document["voices"]) - len(shown):
        click.echo(f"另有 {left} 个其他语言的声音,加 --all 列出 / {left} more in other languages; --all lists them")
    for engine in document["engines"]:
        if engine["missing"]:
            click.echo(f"{engine['name']}: {engine['missing']}", err=True)


def _tell(home: Home, done: Installed) -> None:
    for file, source in done.fetched:
        click.echo(f"{home.voices / file}: {source}")
    if not done.missing:
        click.echo(f"神经语音已就绪 / the neural voice is there: {home.voices}")
        return
    for failure in done.failures:
        click.echo(f"来源 source  {failure}", err=True)
    click.echo(
        f"没有拿到 / could not be had: {', '.join(done.missing)}。"
        "可从有网的电脑拷贝 var/voices 到 U 盘,再运行 / or copy var/voices from a machine that has it to a USB stick, "
        "and run: broadcaster voices install --from DIR",
        err=True,
    )


@contextlib.contextmanager
def _progress(*, quiet: bool) -> Iterator[Any]:
    """A bar for each file on a terminal; a line for each elsewhere."""
    bars: dict[str, Any] = {}
    with contextlib.ExitStack() as stack:

        def show(name: str, done: int, of: int) -> None:
            if quiet:
                return
            if name not in bars:
                stack.close()  # the bar of the file before
                bar = click.progressbar(length=of, label=f"{name:24}", file=sys.stderr, show_pos=True)
                bars[name] = stack.enter_context(bar)
            bars[name].update(max(0, done - bars[name].pos))

        yield show


def _out(document: Any) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=os.fspath))
