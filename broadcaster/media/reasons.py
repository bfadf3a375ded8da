"""Why a recording can't be used, in Chinese: the decoding child speaks English."""

from __future__ import annotations

import re

#: What the errors of this package say, and the same in Chinese. The first that is found in the text counts.
_WORDS: tuple[tuple[str, str], ...] = (
    (r"it is a PDF document", "这是 PDF 文档,不是录音;请换成要用的录音"),
    (r"it is a picture", "这是图片,不是录音;请换成要用的录音"),
    (r"it is a web page", "这是网页,不是录音;可能是下载时出了错,请重新下载"),
    (r"it is text", "这是文字文件,不是录音;请换成要用的录音"),
    (r"it is empty", "文件是空的;请重新复制或下载"),
    (r"it is broken off", "文件不完整,后面缺了一截;请重新复制或下载"),
    (r"damaged or broken off: ([\d.]+) s of ([\d.]+) s", "文件损坏或不完整:{1} 秒里只能放出 {0} 秒;请重新复制或下载"),
    (r"samples are damaged at ([\d.]+) s", "文件在第 {0} 秒处损坏;请重新复制或下载"),
    (r"header is damaged", "文件头损坏;请重新复制"),
    (r"no sound can be decoded", "里面放不出声音;请用别的软件试放,再转成 FLAC 或 WAV"),
    (r"only ([\d.]+) s of sound", "声音只有 {0} 秒,太短;请确认是不是选错了文件"),
    (r"nothing to be heard in it", "里面没有声音,是静音;请换成要用的录音"),
    (r"longer than ([\d.]+) minutes", "太长,超过 {0} 分钟;请截成几段"),
    (r"longer than ([\d.]+) hours", "太长,超过 {0} 小时;请截成几段"),
    (r"did not finish within ([\d.]+) s", "{0} 秒内没有解码完;请用别的软件试放,再转成 FLAC 或 WAV"),
    (r"decoder died", "解码时程序崩溃,文件有问题;请转成 FLAC 或 WAV"),
    (r"disk is full", "磁盘满了;请先腾出空间"),
    (r"there is no such file|not there any more", "文件不见了;请放回去,或从歌单里去掉"),
    (r"may not be read|can't be reached", "没有权限读这个文件;请检查权限"),
    (r"not UTF-8", "文件名不是 UTF-8;请改名"),
    (r"needs VLC", "解码需要 VLC,但它不能用;请重新安装 VLC"),
    (r"is a folder|not a plain file", "这不是一个普通文件"),
)


def in_chinese(reason: str) -> str:
    """The reason in Chinese; where no words are known, that it can't be used."""
    for pattern, words in _WORDS:
        if found := re.search(pattern, reason):
            return words.format(*found.groups())
    return "这个录音不能用"


def plain(reason: str, path: str) -> str:
    """The reason without the path that it begins with."""
    return reason.removeprefix(f"{path}: ")
