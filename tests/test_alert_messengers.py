"""Letters really sent: to a web server, a mail server, and the bots' plugins pointed at a server of our own."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from email import message_from_string, policy
from pathlib import Path
from typing import Any

import apprise
import psutil
import pytest

from broadcaster.alert_targets import build, shown
from broadcaster.clock import monotonic
from broadcaster.errors import FormError
from broadcaster.ops.messenger import deliver, without
from broadcaster.ops.messengers import Answer, Message, send
from broadcaster.plan.alert_addresses import SCHEMES, address_fault, beat_fault
from tests.alert_kit import Station, WebTarget, mail_target, settings, target, trouble, web_target
from tests.live_kit import wait

# Apprise asks for it where Python still has it.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")

WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abcd1234-1234-1234-1234-123456789abc"
DINGTALK = "https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef0123"
FEISHU = "https://open.feishu.cn/open-apis/bot/v2/hook/12345678-1234-1234-1234-1234567890ab"


@pytest.fixture
def web() -> Iterator[WebTarget]:
    with web_target() as server:
        yield server


def sent(*messages: Message, limit_s: float = 25) -> dict[str, Answer]:
    answers: dict[str, Answer] = {}
    send(messages, lambda one: answers.update({one.mark: one}), limit_s=limit_s)
    return answers


def test_to_a_web_address(web: WebTarget) -> None:
    assert sent(Message("a", web.url, "题目", "正文", kind="failure"))["a"].ok
    told = web.posts[0].document
    assert (told["title"], told["message"], told["type"]) == ("题目", "正文", "failure")


def test_what_belongs_to_a_web_address_stays_with_it(web: WebTarget) -> None:
    url = build("json", {"key": f"http://127.0.0.1:{web.port}/hook/a?token=1%2B2&z=%E5%BA%97"})
    assert sent(Message("a", url, "t", "b"))["a"].ok
    assert web.posts[0].path == "/hook/a?token=1%2B2&z=%E5%BA%97"


def test_by_mail() -> None:
    with mail_target() as server:
        form = {"to": "a@b.cn,c@d.cn", "host": "127.0.0.1", "port": str(server.port), "mode": "none", "from": "s@x.cn"}
        answer = sent(Message("m", build("email", form), "【播音报警】红星", "输出没有声音\n怎么办:看功放"))["m"]
        assert answer.ok
    mail = message_from_string(server.mails[0], policy=policy.default)
    assert len(server.mails) == 2 and mail["Subject"] == "【播音报警】红星" and "s@x.cn" in mail["From"]
    body = mail.get_body()
    assert body is not None and "输出没有声音" in body.get_content()


def test_a_mail_server_that_refuses_is_told_in_plain_words() -> None:
    with mail_target(refuse=True) as server:
        form = {"to": "a@b.cn", "host": "127.0.0.1", "port": str(server.port), "mode": "none", "from": "s@x.cn"}
        answer = sent(Message("m", build("email", form), "t", "b"))["m"]
    assert not answer.ok and server.mails == [] and answer.zh


def test_a_hanging_server_holds_nothing(web: WebTarget) -> None:
    with web_target() as good:
        web.hang = threading.Event()
        answers = sent(Message("bad", web.url, "t", "b"), Message("good", good.url, "t", "b"), limit_s=15)
    assert answers["good"].ok and not answers["bad"].ok and "没有应答" in answers["bad"].zh


def test_a_server_that_hangs_in_mid_word_is_given_up(web: WebTarget) -> None:
    # A mail server that accepts and never greets: smtplib itself would wait for its own time limit each time.
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"mailto://127.0.0.1:{listener.getsockname()[1]}?from=a@b.cn&to=c@d.cn&mode=insecure"
        begun = monotonic()
        answers = sent(Message("bad", url, "t", "b"), limit_s=4)
        assert monotonic() - begun < 15 and answers["bad"].zh == "对方一直没有应答"


def test_nobody_listens() -> None:
    answer = sent(Message("a", "json://127.0.0.1:9/x", "t", "b"))["a"]
    assert "连不上" in answer.zh and "can't be reached" in answer.en


@pytest.mark.parametrize(("status", "words"), [(404, "HTTP 404"), (401, "密钥"), (503, "HTTP 503")])
def test_a_refusal_is_told(web: WebTarget, status: int, words: str) -> None:
    web.status = status
    assert words in deliver(web.url, "t", "b").zh


def test_an_address_that_apprise_does_not_know() -> None:
    assert "认不出来" in deliver("wecombot://", "t", "b").zh


def test_a_sending_program_that_dies_is_told_without_the_address(web: WebTarget) -> None:
    answers: list[Answer] = []
    command = (sys.executable, "-c", "raise SystemExit(3)")
    send([Message("a", "json://secret-host/key", "t", "b")], answers.append, command=command)
    assert [one.mark for one in answers] == ["a"] and "发送程序出错" in answers[0].zh


def test_no_such_sending_program() -> None:
    answers: list[Answer] = []
    send([Message("a", "json://secret-host/key", "t", "b")], answers.append, command=("/nowhere/at-all",))
    assert "起不来" in answers[0].zh


def test_an_address_is_on_no_command_line(web: WebTarget) -> None:
    web.hang = threading.Event()
    answers: list[Answer] = []
    message = Message("a", web.url, "t", "b")
    thread = threading.Thread(target=send, args=([message], answers.append), daemon=True)
    thread.start()
    child = wait(
        lambda: [one for one in psutil.Process().children() if "messenger" in " ".join(one.cmdline())], 10, "it"
    )
    seen = [*child[0].cmdline(), *child[0].environ().values()]
    web.hang.set()
    thread.join(60)
    assert answers[0].ok and seen and not any("/hook" in part for part in seen)


def bot(web: WebTarget, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The plugin of a bot whose host is fixed, pointed at a server of ours."""
    plugins = {"wecom": "wecombot", "dingtalk": "dingtalk", "feishu": "feishu"}
    url = f"http://127.0.0.1:{web.port}/send?key={{key}}{{token}}"
    plugin = type(apprise.Apprise.instantiate(f"{plugins[name]}://aaaaaaaabbbbbbbb"))
    field = {"wecom": "{key}", "dingtalk": "{token}", "feishu": "{token}"}[name]
    monkeypatch.setattr(plugin, "notify_url", url.replace("{key}{token}", field))


@pytest.mark.parametrize(
    ("kind", "form", "text"),
    [
        ("wecom", {"key": WECOM}, ("text", "content")),
        ("dingtalk", {"key": DINGTALK, "secret": "SEC0011223344"}, ("text", "content")),
        ("feishu", {"key": FEISHU}, ("content", "text")),
    ],
)
def test_bots(
    web: WebTarget, monkeypatch: pytest.MonkeyPatch, kind: str, form: dict[str, str], text: tuple[str, str]
) -> None:  # fmt: skip
    bot(web, monkeypatch, kind)
    web.answer = b'{"errcode": 0, "errmsg": "ok", "code": 0}'
    assert deliver(build(kind, form), "【播音报警】红星", "没有声音").ok
    post = web.posts[0]
    said = post.document[text[0]][text[1]]
    assert "【播音报警】红星" in said and "没有声音" in said
    assert shown(build(kind, form)).tail in post.path and ("sign=" in post.path) == (kind == "dingtalk")


@pytest.mark.parametrize("kind", ["wecom", "dingtalk", "feishu"])
def test_a_bot_that_refuses_in_a_good_answer_is_heard(
    web: WebTarget, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:  # fmt: skip
    bot(web, monkeypatch, kind)
    key = {"wecom": WECOM, "dingtalk": DINGTALK, "feishu": FEISHU}[kind]
    url = build(kind, {"key": key})
    web.answer = f'{{"errcode": 93000, "code": 19001, "errmsg": "bad key {shown(url).tail * 2}{url[-12:]}"}}'.encode()
    answer = deliver(url, "t", "b")
    assert not answer.ok and "没有收" in answer.zh and url.partition("://")[2] not in answer.zh + answer.en


def test_nothing_of_an_address_is_told() -> None:
    url = "mailtos://smtp.qq.com:465?user=shop%40qq.com&pass=p%40ss-word"
    assert "p@ss-word" not in without(url, "535 p@ss-word shop@qq.com") and "ss-word" not in without(url, "ss-word")


@pytest.mark.parametrize(
    ("kind", "form", "blank"),
    [
        ("wecom", {"key": "https://elsewhere.example/send?key=abcdefgh"}, "key"),
        ("wecom", {"key": ""}, "key"),
        ("feishu", {"key": "https://open.feishu.cn/"}, "key"),
        ("dingtalk", {"key": DINGTALK, "secret": "no spaces here"}, "secret"),
        ("email", {"to": "nobody", "host": "smtp.qq.com", "from": "a@b.cn"}, "to"),
        ("email", {"to": "a@b.cn", "host": "http://x", "from": "a@b.cn"}, "host"),
        ("email", {"to": "a@b.cn", "host": "smtp.qq.com"}, "from"),
        ("email", {"to": "a@b.cn", "host": "smtp.qq.com", "from": "a@b.cn", "port": "70000"}, "port"),
        ("json", {"key": "ftp://x"}, "key"),
        ("other", {"key": "wecombt://abc"}, "key"),
        ("carrier-pigeon", {}, "kind"),
    ],
)
def test_a_form_says_what_is_wrong(kind: str, form: dict[str, str], blank: str) -> None:
    with pytest.raises(FormError) as error:
        build(kind, form)
    assert list(error.value.blanks) == [blank]


def test_a_mailbox_is_understood_whatever_is_in_its_password() -> None:
    form = {"to": "a@b.cn;c@d.cn", "host": "smtp.qq.com", "user": "shop@qq.com", "password": "p@s/s w&x#?%"}
    plugin: Any = apprise.Apprise.instantiate(build("email", form))
    assert (plugin.smtp_host, plugin.port, plugin.user, plugin.password) == (
        "smtp.qq.com", 465, "shop@qq.com", "p@s/s w&x#?%",
    )  # fmt: skip
    assert [address for _, address in plugin.targets] == ["a@b.cn", "c@d.cn"] and plugin.secure_mode == "ssl"


def test_the_kinds_we_know_are_those_that_apprise_knows() -> None:
    known: set[str] = set()
    for schema in apprise.Apprise().details()["schemas"]:
        known |= {*(schema["protocols"] or ()), *(schema["secure_protocols"] or ())}
    assert known == SCHEMES


@pytest.mark.parametrize("url", ["", "abc", "wecombt://abcdefgh", "wecombot://", "mailto://", "json://", "json://a:x/",
                                 "json://a b/"])  # fmt: skip
def test_a_malformed_address_is_seen(url: str) -> None:
    assert address_fault(url) is not None


@pytest.mark.parametrize("url", ["wecombot://abcdefgh", "mailto://u:p@qq.com", "json://127.0.0.1:80/a", "ntfys://topic",
                                 "tgram://123:abc/456", "dingtalk://SEC1@tok/"])  # fmt: skip
def test_a_sound_address_is_let_through(url: str) -> None:
    assert address_fault(url) is None


def test_a_heartbeat_is_asked_over_the_web() -> None:
    assert beat_fault("https://hc.example/ping/x") is None and beat_fault("mailto://x@y") is not None


def test_a_keeper_tells_a_real_server(tmp_path: Path, web: WebTarget) -> None:
    station = Station(tmp_path, settings(target(web.url), target("json://127.0.0.1:9/dead")), send=send)
    station.troubles.now = [trouble("silence", "urgent", after_s=20)]
    station.run(22)
    assert web.titles == ["【播音紧急】红星家居:silence 出了问题"]
