"""What the YAML reader's complaints mean, in the words of who edits the plan.

The patterns are those of ruamel.yaml's scanner, parser and constructor; a complaint that none fits is given as it is.
"""

from __future__ import annotations

import re

_REASONS: tuple[tuple[str, str, str], ...] = (
    (
        r"found character '\\t' that cannot start",
        "行首用了制表符(Tab),缩进只能用空格",
        "a tab begins the line; only spaces indent",
    ),
    (
        r"found character '(?P<what>.)' that cannot start",
        "值以“{what}”开头,请用引号括起来",
        "a value begins with “{what}”; put it in quotes",
    ),
    (
        r"mapping values are not allowed here",
        "这里不该有冒号:上一行的缩进不对,或上一行冒号后少了空格,或值里有冒号却没用引号括起来",
        "no colon may stand here: the indentation is wrong, the line before has no space after its colon, or a value "
        "with a colon is not in quotes",
    ),
    (
        r'found duplicate key "(?P<what>[^"]*)"',
        "“{what}”写了两次,请留下一个",
        "“{what}” is written twice, a duplicate key; keep one",
    ),
    (
        r"found undefined alias '(?P<what>[^']*)'",
        "“*{what}”没有定义;要写星号就用引号括起来",
        "“*{what}” is not defined; put an asterisk in quotes",
    ),
    (
        r"expected ',' or '(?P<what>[\]}])'",
        "前面的括号没有用“{what}”收住,或引号没有配对,或两项之间少了逗号",
        "a bracket before this is not closed with “{what}”, quotes don't match, or a comma is missing",
    ),
    (
        r"expected <block end>, but found '<scalar>'",
        "引号没有配对,或引号后面还有字",
        "quotes that don't match, or words after a closing quote",
    ),
    (
        r"expected <block end>",
        "缩进和上面同级的几行不一致",
        "the indentation differs from that of the entries above",
    ),
    (
        r"found unexpected end of stream",
        "引号只有开头,没有结尾",
        "a quote is opened and never closed",
    ),
    (
        r"could not find expected ':'",
        "这一行或上一行少了冒号,或缩进不对",
        "a colon is missing here or in the line before, or the indentation is wrong",
    ),
    (
        r"found unknown escape character '(?P<what>.)'",
        "双引号里不能写“\\{what}”;反斜杠请写成两个,或改用单引号",
        "“\\{what}” can't stand in double quotes; write the backslash twice, or use single quotes",
    ),
    (
        r"special characters are not allowed",
        "有看不见的控制字符,请删掉重打这一行",
        "invisible control characters (special characters are not allowed); type the line anew",
    ),
    (
        r"but found another document",
        "一个文件里只能有一份,请删掉多出来的“---”",
        "a file holds one document; remove the second “---”",
    ),
    (
        r"contains itself",
        "有一项包含了它自己,或包含得太多",
        "an entry contains itself, or too many others",
    ),
)


def reasons(complaint: str) -> dict[str, str]:
    """The complaint as ``reason_zh`` and ``reason_en`` of a fault."""
    for pattern, zh, en in _REASONS:
        if found := re.search(pattern, complaint):
            named = found.groupdict()
            return {"reason_zh": zh.format(**named), "reason_en": en.format(**named)}
    return {"reason_zh": complaint, "reason_en": complaint}
