"""Passwords: what is kept of them, and which are too weak.

Argon2id with 19 MiB, two passes, one lane: the least that OWASP's password storage cheat sheet names, because the
broadcast PC may be old. Measured at 27 to 45 ms; scrypt, which earlier versions used, took 126 ms and 32 MiB.
"""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from broadcaster.errors import UsageError

PASSWORD_LEAST = 8
PASSWORD_MOST = 200
"""Hashing takes time by length: nobody shall keep the processor busy with a novel."""
_DIFFERENT_LEAST = 4
MEMORY_KIB = 19 * 1024
PASSES = 2
AT_ONCE = 2
"""Hashes under way at one time: many log-ins must not take memory and both processors from the air.

They have threads of their own, for what a hash took is kept for the next one of the same thread: in the server's eight
threads, a thousand wrong passwords left 128 MB behind.
"""

#: What is tried first everywhere; digits in a row and one letter repeated are found by rule.
_COMMON = frozenset(
    ("password", "password1", "passw0rd", "qwertyui", "qwerty123", "1q2w3e4r", "q1w2e3r4", "1qaz2wsx", "abcd1234",
     "abc12345", "a1234567", "a12345678", "aa123456", "admin123", "admin888", "iloveyou", "woaini520", "woaini1314",
     "5201314520", "letmein1", "welcome1", "broadcast", "broadcaster")
)  # fmt: skip
_RUNS = ("01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")

_hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1)
_hashing = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords")


def refuse_weak(password: str, *names: str) -> None:
    """Raise ``UsageError`` for a password that is too short, too long, or tried first; ``names`` of whose it is."""
    if not PASSWORD_LEAST <= len(password) <= PASSWORD_MOST:
        raise UsageError(
            f"密码要有 {PASSWORD_LEAST} 到 {PASSWORD_MOST} 个字符,现在是 {len(password)} 个 / "
            f"a password has {PASSWORD_LEAST} to {PASSWORD_MOST} characters; this one has {len(password)}"
        )
    folded = password.casefold()
    easy = folded in _COMMON or any(folded in run for run in _RUNS) or len(set(folded)) < _DIFFERENT_LEAST
    if easy or folded in {name.casefold() for name in names}:
        raise UsageError("这个密码太容易猜,请换一个 / this password is too easy to guess: choose another")


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _hashing.submit(_hasher.hash, password.encode(errors="surrogatepass")).result()


def is_right(kept: str | None, password: str) -> bool:
    """Whether it is the password of what is kept; takes as long when nothing is kept (None)."""
    if len(password) > PASSWORD_MOST:
        return False
    return _hashing.submit(_is_right, kept, password.encode(errors="surrogatepass")).result()


def _is_right(kept: str | None, secret: bytes) -> bool:
    try:
        if kept is not None and kept.startswith("scrypt:"):
            from werkzeug.security import check_password_hash  # wanted only for what an old version hashed

            return check_password_hash(kept, secret.decode(errors="replace"))
        return _hasher.verify(kept or _nobodys(), secret) and kept is not None
    except (Argon2Error, ValueError):  # wrong, or what is kept is no hash at all
        return False


def is_outdated(kept: str) -> bool:
    """Whether it was made by an earlier version's way: hash it anew while the password is at hand."""
    try:
        return _hasher.check_needs_rehash(kept)
    except InvalidHashError:
        return True


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_hex(16))
