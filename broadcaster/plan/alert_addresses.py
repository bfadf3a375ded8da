"""Addresses of those who are told of alerts, as Apprise writes them: looked at without that library.

The plan is checked often, in the daemon, which does not load what only sends. Whether a server takes an address shows
when something is sent: the page has a button for that.
"""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

from broadcaster.plan.faults import did_you_mean

_NAMES = """
    46elks amqp amqps apprise apprises aprs atalk azure bark barks betterstack bluesky brevo bsky bulksms bulkvs
    burstsms chanify clickatell clicksend cliq cm d7sms dapnet deltachat deltachats dingtalk discord dot
    eight00com elks emby embys enigma2 enigma2s evolution evolutions exotel feishu firehydrant flock flowtriq
    flowtriqs fluxer fluxers form forms freemobile gchat github goalert goalerts gorush gorushs gotify gotifys
    groundmail groupme guilded gupshup hassio hassios httpsms humhub humhubs ifttt ilert incidentio infobip irc
    ircs jellyfin jellyfins jira join json jsons kakao kakaotalk kaleyra kavenegar klr kodi kodis kook kudosity
    kumulos lametric lametrics lark lauther lfg line mailersend mailgun mailto mailtos mastodon mastodons matrix
    matrixs misskey misskeys mmost mmosts mobilemessage mobilemsg msg91 msgbird ncloud nclouds nctalk nctalks
    nexmo nostr notica noticas notifiarr notifico notificos notifyre ntfy ntfys o365 octopush onebot onebots
    onesignal opsgenie pagerduty pagertree parsep parseps pbul pinglet pinglets pingram pjet pjets plivo
    postmark pover prowl psafer psafers push pushdeer pushdeers pushed pushme pushplus pushward pushy qq reddit
    resend revolt ringc rocket rockets rsyslog ryver schan sendgrid sendpulse serwersms ses seven sfr signal
    signalgrid signals signl4 simplepush sinch slack smsc smseagle smseagles smsmanager smsmgr smstunnel smtp2go
    sns sparkpost spike splunk spugpush spush squadcast stackfield strmlabs synology synologys syslog telesign
    telnyx tgram threema toot toots trigv trigvs tweet twilio twist twitter viber victorops voipms vonage webex
    wechat wecom wecombot whapi whatsapp workflow workflows wpush wxpusher wxteams x xbmc xbmcs xmatters xml
    xmls youlmk zalo zcliq zohocliq zoom zulip
"""
SCHEMES = frozenset(_NAMES.split())
"""Every kind that Apprise sends to; a test holds this against the installed one."""


_OF_SERVERS = frozenset({"mailto", "mailtos", "json", "jsons", "form", "forms", "xml", "xmls"})
"""Those that stand for a server and its port, as on the web."""


def scheme_of(url: str) -> str:
    """The kind of an address: ``wecombot``; empty where it has none."""
    scheme, colon, _ = url.partition("://")
    return scheme.lower() if colon else ""


def address_fault(url: str) -> tuple[str, str] | None:
    """What is wrong with an address as it is written, in Chinese and English; None if nothing is seen.

    Never quotes the address: whoever knows it may use it.
    """
    scheme = scheme_of(url)
    if not scheme:
        return "不是“类型://…”的写法", "it is not written as “kind://…”"
    if scheme not in SCHEMES:
        # A scheme is no secret, unless somebody left it out and a key stands in its place.
        known = scheme.isalnum() and len(scheme) <= 12
        zh, en = did_you_mean(scheme, ("wecombot", "dingtalk", "feishu", "mailto", "mailtos", "json", "jsons"))
        return (f"没有“{scheme}://”这种类型,{zh}", f"there is no kind “{scheme}://”. {en}") if known else (
            f"没有这种类型,{zh}", f"there is no such kind. {en}"
        )  # fmt: skip
    return _lacking(scheme, url)


def _lacking(scheme: str, url: str) -> tuple[str, str] | None:
    rest = url.partition("://")[2]
    main = unquote(rest.partition("?")[0]).strip("/ ")
    if any(char.isspace() for char in main):
        return "地址里有空格", "there is a space in it"
    if scheme not in _OF_SERVERS:
        # Each kind has its own way to write the rest.
        return None if main or "?" in rest else ("“://”后面什么也没有", "nothing stands behind “://”")
    try:
        parts = urlsplit(url)
        host, sound = parts.hostname, parts.port != 0
    except ValueError:
        host, sound = None, False
    if not host or not sound:
        return "服务器或端口写得不对", "server or port is wrong"
    if (
        scheme in ("mailto", "mailtos")
        and "@" not in main
        and not {"to", "user", "from"} & parse_qs(parts.query).keys()
    ):
        return "邮箱要写服务器和收件人", "an e-mail address needs server and recipient"
    return None


def beat_fault(url: str) -> tuple[str, str] | None:
    """The same of the heartbeat's address."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    return None if sound else ("要写成 http:// 或 https:// 开头的网址", "it must begin with http:// or https://")
