"""Leaving out what nobody should learn by heart: passwords, keys and tokens, numbers of cards and accounts.

Needs no screen and no torch. What is found is counted and never kept, shown or logged. Rules of this kind find what
has a form of its own; a password in the middle of a sentence looks like a word.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

_KEY_BLOCK: Final = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}(?:PRIVATE KEY|PGP MESSAGE|CERTIFICATE)[A-Z0-9 ]{0,20}-----"
    r"(?:(?!-----BEGIN)[\s\S]){0,20000}?(?:-----END [A-Z0-9 ]{1,60}-----|\Z)"
)
_PASSWORD_WORDS: Final = (
    "password|passwd|passphrase|passcode|pwd|passwort|kennwort|mot de passe|contraseña|contrasena|senha|wachtwoord|"
    "hasło|lösenord|parola|salasana|пароль|kata sandi|şifre|密码|密碼|パスワード|비밀번호"
)
_SECRET_WORDS: Final = (
    "api[ _-]?key|access[ _-]?key|secret[ _-]?key|private[ _-]?key|client[ _-]?secret|secret|token|auth|bearer|pin|cvv|"
    "cvc|puk|tan|recovery code|licen[cs]e key|product key"
)
_PASSWORD_NAME: Final = re.compile(
    rf"(?:{_PASSWORD_WORDS})\w{{0,12}}[\"'`*_)]{{0,3}}\s{{0,4}}\Z", re.IGNORECASE
)
_SECRET_NAME: Final = re.compile(
    rf"(?<![^\W\d_])(?:{_SECRET_WORDS})s?[\"'`*_)]{{0,3}}\s{{0,4}}\Z", re.IGNORECASE
)
_PASSWORD_IS: Final = re.compile(
    rf"(?:{_PASSWORD_WORDS})\s(?:\w{{1,20}}\s){{0,3}}?(?:is|was|ist|lautet|est|es|è|é)\s(?=\S{{0,60}}[\d$%&@#*])\S",
    re.IGNORECASE,
)
_PASSWORD_HINTS: Final = tuple(_PASSWORD_WORDS.split("|"))
_NAME_HINTS: Final = (
    *_PASSWORD_HINTS,
    "key",
    "secret",
    "token",
    "auth",
    "bearer",
    "pin",
    "cv",
    "puk",
    "tan",
    "code",
)
_SEPARATOR: Final = re.compile("[:=：]")
_VALUE: Final = re.compile(r"[ \t]*\n?[ \t]*[\"'`*]{0,3}([^\s\"'`]{1,100})")
_REACH: Final = 48
"""Characters before a colon in which the name of a secret is looked for."""
_KNOWN: Final = re.compile(
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}|gh[pousr]_\w{20}|github_pat_\w{20}|glpat-[\w-]{16}|xox[abeoprs]-[\w-]{10}|"
    r"sk-[\w-]{20}|[srp]k_(?:live|test)_\w{10}|AIza[\w-]{30}|ya29\.[\w-]{20}|eyJ[\w-]{10,}\.eyJ[\w-]{10}|"
    r"hf_[A-Za-z0-9]{25}|npm_[A-Za-z0-9]{30}|pypi-[\w-]{30}|SG\.[\w-]{16,}\.[\w-]{16}|dop_v1_\w{30}|"
    r"shp(?:at|ss|ca)_\w{20}|AGE-SECRET-KEY-1\w{20}|\d{8,10}:AA[\w-]{30}|AAAA[A-Za-z0-9+/]{40}"
)
_IN_ADDRESS: Final = re.compile(r"otpauth://\S|://[^\s/:@]{1,100}:[^\s/@]{1,100}@")
_LONG: Final = 20
"""Characters of the shortest token that is known by its form, and of a run that may be random."""
_RUN: Final = re.compile(r"[A-Za-z0-9+/=_-]{20,}")
_HEXADECIMAL: Final = re.compile(r"(?:[0-9a-f]{32,}|[0-9A-F]{32,})\Z")
_RANDOM_BITS: Final = 3.5
"""Entropy of a run's characters, bits each, from which it is no word, however long words are put together."""
_MANY_LINES: Final = re.compile(r"\n{3,}")
_CARD: Final = re.compile(r"\d(?:[ -]?\d){12,18}")
_CARD_STARTS: Final = "23456"
_ACCOUNT: Final = re.compile(r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}")


def without_secrets(text: str) -> tuple[str, int]:
    """Return a text without the lines that hold a secret, and how many secrets were left out.

    Args:
        text: paragraphs with a blank line between them.
    """
    count = 0
    if "-----BEGIN " in text:
        text, count = _KEY_BLOCK.subn("", text)
        text = _MANY_LINES.sub("\n\n", text).strip("\n")
    found = sorted([*_named(text), *_by_form(text), *_numbers(text)])
    if not found:
        return text, count
    kept: list[str] = []
    start = 0
    for first, last in found:
        if first < start:
            continue  # in a line that goes already
        count += 1
        kept.append(text[start : text.rfind("\n", 0, first) + 1])
        end = text.find("\n", last)
        start = end + 1 if end >= 0 else len(text)
    return _MANY_LINES.sub("\n\n", "".join([*kept, text[start:]])).strip("\n"), count


Places = Iterator[tuple[int, int]]
"""First and last character of each secret, or of a part of it on each of its lines."""


def _named(text: str) -> Places:
    """Values behind a name and a colon, such as password: ..."""
    for separator in _SEPARATOR.finditer(text):
        at = separator.start()
        before = text[max(0, at - _REACH) : at]
        lower = before.lower()
        if not any(hint in lower for hint in _NAME_HINTS):
            continue
        is_password = _PASSWORD_NAME.search(before)
        if not is_password and not _SECRET_NAME.search(before):
            continue
        value = _VALUE.match(text, at + 1)
        if value is not None and (is_password or _looks_secret(value[1])):
            yield at, value.end() - 1
    lower = text.lower()
    if len(lower) != len(text):  # as Turkish capitals do
        lower = text
    for word in _PASSWORD_HINTS:
        at = lower.find(word)
        while at >= 0:
            if (found := _PASSWORD_IS.match(lower, at)) is not None:
                yield at, found.end() - 1
            at = lower.find(word, at + 1)


def _looks_secret(value: str) -> bool:
    return len(value) >= 3 and any(character.isdigit() for character in value)


def _by_form(text: str) -> Places:
    """Tokens known by their form, and long runs of random characters."""
    start = 0
    for word in {word for word in text.split() if len(word) >= _LONG}:
        if _KNOWN.search(word) or any(map(is_random, _RUN.findall(word))):
            start = text.find(word)
            while start >= 0:
                yield start, start + len(word) - 1
                start = text.find(word, start + len(word))
    if "://" in text:
        yield from ((found.start(), found.end() - 1) for found in _IN_ADDRESS.finditer(text))


def is_random(run: str) -> bool:
    """Say whether letters and digits in a row are too mixed to be words."""
    if run.isdigit():
        return False
    if _HEXADECIMAL.match(run):
        return True
    digits = sum(1 for character in run if character.isdigit())
    if digits < 3 or not any(character.islower() for character in run):
        return False
    if not any(character.isupper() for character in run) and digits * 6 < len(run):
        return False  # names such as chapter-12-of-2019-the-end
    if run.count("-") + run.count("_") + run.count("/") > len(run) // 8:
        return False  # words put together by dashes; an address
    counts = Counter(run).values()
    return -sum(n / len(run) * math.log2(n / len(run)) for n in counts) >= _RANDOM_BITS


def _numbers(text: str) -> Places:
    """Numbers of cards and of bank accounts, by their check digits."""
    for found in _CARD.finditer(text):
        digits = [int(character) for character in found[0] if character.isdigit()]
        alone = (
            not text[found.start() - 1 : found.start()].isdigit()
            and not text[found.end() : found.end() + 1].isdigit()
        )
        if alone and found[0][0] in _CARD_STARTS and len(set(digits)) > 1 and _luhn(digits):
            yield found.start(), found.end() - 1
    for found in _ACCOUNT.finditer(text):
        if _is_account(found[0]):
            yield found.start(), found.end() - 1


def _luhn(digits: list[int]) -> bool:
    """Check a card's number (ISO/IEC 7812-1, annex B)."""
    total = 0
    for index, digit in enumerate(reversed(digits)):
        doubled = digit * 2 if index % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def _is_account(found: str) -> bool:
    """Check an account's number (ISO 13616, check digits by ISO/IEC 7064), also where words follow it."""
    number = found.replace(" ", "")
    for length in range(len(number), 14, -1):
        turned = number[4:length] + number[:4]
        if int("".join(str(int(character, 36)) for character in turned)) % 97 == 1:
            return True
    return False
