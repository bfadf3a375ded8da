"""One remark of the lint on a notice: where, how serious, what is wrong, and what to do, in Chinese and English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["advice", "serious"]
"""``serious``: would embarrass the store on air, or break the law. Neither stops anything: the approver decides."""

Field = Literal["text", "title", "when", "recording"]

_TEXTS: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "empty": (("没有要念的内容。", "请写上文字,或上传录音。"),
              ("There is nothing to speak.", "Write a text, or upload a recording.")),
    "short": (("内容太短,顾客可能听不明白。", "请写成完整的一句话。"),
              ("The text is too short to be understood.", "Write a whole sentence.")),
    "too-long": (("{about}长 {seconds:.0f} 秒,超过规定的 {limit:.0f} 秒。", "请缩短内容或减少遍数。"),
                 ("It lasts {about_en}{seconds:.0f} s, longer than the {limit:.0f} s there are.",
                  "Shorten it or read it fewer times.")),
    "long": (("{about}长 {seconds:.0f} 秒,顾客很难听完。", "最好控制在 {limit:.0f} 秒以内。"),
             ("It lasts {about_en}{seconds:.0f} s: few will listen to the end.", "Keep it below {limit:.0f} s.")),
    "placeholder": (("这里像是还没有填。", "请填上实际内容。"),
                    ("This looks like a blank that nobody filled in.", "Fill it in.")),
    "unreadable": (("有念不出的字符({name})。", "请删去,或重新输入这一处。"),
                   ("There is a character that can't be read ({name}).", "Delete it, or type this part again.")),
    "symbol": (("符号和表情念不出来({name})。", "请删去,或改成文字。"),
               ("Symbols and emoji can't be spoken ({name}).", "Delete it, or use words.")),
    "script": (("这种文字念不出来({name})。", "请改用中文或英文。"),
               ("This script can't be spoken ({name}).", "Write Chinese or English.")),
    "punctuation": (("标点重复。", "留一个即可。"), ("Repeated punctuation.", "One mark is enough.")),
    "url": (("网址和邮箱听了记不住。", "请改成“详情请到服务台咨询”之类的话。"),
            ("Nobody remembers an address that is read out.", "Point to the service desk instead.")),
    "advertising": (("“{word}”可能违反{source}。", "{note}"),
                    ("“{word}” may break {source_en}.", "{note_en}")),
    "phone": (("电话号码像是写错了:{reason}。", "请核对号码。"),
              ("The telephone number looks wrong: {reason_en}.", "Check the number.")),
    "price-order": (("现价 {now:g} 元不低于原价 {before:g} 元。", "请核对两个价格。"),
                    ("The present price of {now:g} is not below the former one of {before:g}.", "Check both prices.")),
    "price-discount": (("原价 {before:g} 元打 {tenths:g} 折是 {should:g} 元,不是 {now:g} 元。", "请核对价格。"),
                       ("{before:g} at {percent:g} % is {should:g}, not {now:g}.", "Check prices and discount.")),
    "price-saving": (("从 {before:g} 元到 {now:g} 元省 {should:g} 元,与写的 {saving:g} 元不符。", "请核对价格。"),
                     ("From {before:g} to {now:g} saves {should:g}, not {saving:g}.", "Check the prices.")),
    "discount": (("没有“{tenths:g} 折”这样的折扣。", "折扣在 0 到 10 折之间,八八折写成 8.8 折或 88 折。"),
                 ("There is no discount of {tenths:g} tenths.", "Discounts lie between 0 and 10 折.")),
    "full-minus": (("满 {full:g} 元减 {minus:g} 元:减的不比满的少。", "请核对两个数。"),
                   ("{minus:g} off {full:g}: what is taken off is not less.", "Check both numbers.")),
    "over": (("{date} 已经过去。", "请改日期,或不要再播。"), ("{date} is past.", "Change the date, or don't air it.")),
    "outlives": (("文中活动到 {date} 结束,播出却安排到 {last}。", "请把最后一天改成 {date}。"),
                 ("The text says until {date}, but it is to air until {last}.", "Make {date} the last day.")),
    "no-such-date": (("没有 {date} 这一天。", "请核对日期。"), ("There is no {date}.", "Check the date.")),
    "weekday": (("{date} 是{should},不是{said}。", "请核对日期和星期。"),
                ("{date} is a {should_en}, not a {said_en}.", "Check date and weekday.")),
    "backwards": (("结束({end})在开始({start})之前。", "请核对。"),
                  ("The end ({end}) is before the start ({start}).", "Check both.")),
    "no-such-time": (("没有 {time} 这个时间。", "请核对时间。"),
                     ("There is no such time as {time}.", "Check the time.")),
    "hours": (("文中营业时间 {said} 与日历里的 {should} 不同。", "请核对。"),
              ("Opening hours in the text, {said}, differ from the calendar's {should}.", "Check them.")),
    "no-airing": (("所选日期和条件里一次也播不了。", "请核对起止日期、指定日期和日类型。"),
                  ("It never airs on the dates chosen.", "Check first and last day, dates and day types.")),
    "some-past": (("今天的 {times} 已经过了,不会补播。", "要今天播,请另选时间,或选“马上播出”。"),
                  ("{times} of today is past, and not made up for.", "For today choose another time, or “now”.")),
    "all-past": (("播出时间 {times} 已经过了,不会再播。", "请另选时间或日期,或选“马上播出”。"),
                 ("{times} is past: it would not air any more.", "Choose another time or date, or “now”.")),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Remark:
    """What the lint has to say about one place of a draft."""

    code: str
    severity: Severity
    start: int
    """Where it begins in the field's text, in characters; ``start == end`` where the whole is meant."""
    end: int
    excerpt: str
    message: str
    message_en: str
    remedy: str
    remedy_en: str
    field: Field = "text"

    def __str__(self) -> str:
        place = f"“{self.excerpt}” " if self.excerpt else ""
        return f"{place}{self.message}{self.remedy} / {self.message_en} {self.remedy_en}"

    def as_json(self) -> dict[str, Any]:
        """For the page, the API and the audit trail."""
        return {name: getattr(self, name) for name in self.__slots__}


def remark(
    code: str,
    severity: Severity,
    text: str = "",
    span: tuple[int, int] = (0, 0),
    *,
    field: Field = "text",
    **params: Any,
) -> Remark:
    """The remark of a code, its texts filled with ``params``, on a stretch of ``text``."""
    (message, remedy), (message_en, remedy_en) = (
        tuple(part.format(**params) for part in pair) for pair in _TEXTS[code]
    )
    start, end = span
    return Remark(code, severity, start, end, text[start:end], message, message_en, remedy, remedy_en, field)
