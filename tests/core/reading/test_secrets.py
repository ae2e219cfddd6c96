"""Passwords, keys, tokens and numbers are left out and counted; words that only look like them stay."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.reading.secrets import is_random, without_secrets
from tests.core.reading.tools import PROSE, read, texts, write

# Put together here so that no scanner takes this file for a leak.
SECRETS = [
    "password: hunter2",
    "Password:\nhunter2",
    "my WLAN-Passwort = geheim",
    "Mot de passe : ouvre-toi",
    "DB_PASSWORD=xyz",
    '"password": "abc",',
    "пароль: секрет",
    "密码：开门",
    "The password is hunter2 for now",
    "API key: 12ab34",
    "OPENAI_API_KEY=abc123def",
    "Token: abc123",
    "PIN: 4711",
    "aws " + "AKIA" + "IOSFODNN7EXAMPLE",
    "github " + "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
    "slack " + "xoxb-" + "123456789012-abcdefGHIJ",
    "openai " + "sk-" + "proj-abcDEF123456ghiJKL789",
    "google " + "AIza" + "SyA1234567890abcdefghijklmnopqrstuv",
    "jwt " + "eyJ" + "hbGciOiJIUzI1NiJ9." + "eyJ" + "zdWIiOiIxMjM0NTY3ODkwIn0.sig",
    "clone https://anna:" + "s3cret@example.org/x.git",
    "otpauth" + "://totp/Example?secret=JBSWY3DPEHPK3PXP",
    "hash 5f4dcc3b5aa765d61d8327deb882cf99",
    "key 9aK3xQ7vR2mW8pL5tZ1cB6nY4hJ0sD",
    "card 4111 1111 1111 1111 expires soon",
    "card 5500-0000-0000-0004",
    "amex 378282246310005.",
    "IBAN DE89 3704 0044 0532 0130 00 please",
    "GB82WEST12345698765432",
    "ssh-ed25519 AAAA" + "C3NzaC1lZDI1NTE5AAAAIJ1x2y3z4a5b6c7d8e9f0g1h2i3j4k5l6m7n anna@host",
]


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_goes_with_its_line(secret: str) -> None:
    text, count = without_secrets(f"{PROSE}\n{secret}\n{PROSE}\n\nThe end.")
    assert text == f"{PROSE}\n{PROSE}\n\nThe end."
    assert count == 1


HARMLESS = [
    "The password she had forgotten: none of us knew it was there.".replace(": none", "; none"),
    "My secret: be kind to everybody.",
    "A token: the ring that he gave her.",
    "The author: a man of forty.",
    "In my opinion: no.",
    "Call 0123 456 789 012 or +44 20 7946 0958 today.",
    "ISBN 978-3-16-148410-0 is a book.",
    "1234 5678 9012 3456 is no card.",
    "0000 0000 0000 0000",
    "Donaudampfschifffahrtsgesellschaftskapitän und Rechtsschutzversicherungsgesellschaften",
    "llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch",
    "a-long-name-with-many-words-of-2019-in-it",
    "and_a_function_name_that_is_very_long_indeed2",
    "1998-2002, 2003-2010, 2011-2020 and 2021-2026",
    "She said: key by key, the piano woke up.",
    "AB12 is a street, and so is CD34 over there in the town.",
    "That was 12345678901234567890 to one.",
    "the key is under the mat: third stone",
    "https://example.org/2019/03/a-long-post-about-the-harbour-and-its-light",
]


@pytest.mark.parametrize("line", HARMLESS)
def test_what_only_looks_like_one_stays(line: str) -> None:
    assert without_secrets(line) == (line, 0)


def test_a_private_key_goes_as_a_whole() -> None:
    lines = "\n".join(
        "MIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn/ygWyF8PbnGy0AHB7MhgHcTz6sE2I2yPB"[:60] for _ in range(20)
    )
    begin, end = "-----BEGIN RSA PRIVATE" + " KEY-----", "-----END RSA PRIVATE" + " KEY-----"
    text, count = without_secrets(f"{PROSE}\n\n{begin}\n{lines}\n{end}\n\nThe end.")
    assert (text.split(), count) == (f"{PROSE} The end.".split(), 1)
    assert without_secrets(f"{PROSE}\n\n{begin}\n{lines}")[0].strip() == PROSE


def test_secrets_are_counted_and_never_shown(tmp_path: Path) -> None:
    write(tmp_path / "a.md", f"{PROSE}\n\npassword: hunter2\n\n- card 4111 1111 1111 1111\n\nMore of it.")
    corpus = read(tmp_path)
    assert texts(corpus) == [f"{PROSE}\n\nMore of it."]
    assert corpus.secrets == 2
    assert "hunter2" not in repr(corpus)


def test_many_are_found_in_time() -> None:
    text = "\n".join(f"password: {number}" for number in range(20_000))
    assert without_secrets(text) == ("", 20_000)
    assert without_secrets("1" * 100_000)[1] == 0
    assert without_secrets("AB12" * 20_000)[1] in (0, 1)
    assert without_secrets("x" * 100_000) == ("x" * 100_000, 0)
    assert without_secrets(":" * 100_000) == (":" * 100_000, 0)


@pytest.mark.parametrize(
    ("run", "random"), [("", False), ("abcdefghijklmnopqrstuvwxyz", False), ("a1" * 12, False)]
)
def test_runs(run: str, random: bool) -> None:
    assert is_random(run) is random


@settings(deadline=None, max_examples=200)
@given(st.text(st.sampled_from("ab \n:=4111PIN-password" + "键"), max_size=200))
def test_lines_go_whole_or_stay(text: str) -> None:
    kept, count = without_secrets(text)
    assert count or kept == text
    assert all(not line or line in text.split("\n") for line in kept.split("\n"))
