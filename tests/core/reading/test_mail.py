"""Mail: the words of who wrote it, without quotes, signatures and what was passed on; mailboxes with others' mail."""

import gzip
import io
from email.message import EmailMessage
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.reading import mailboxes, pandoc
from core.reading.limits import Unusable
from core.reading.mail import addresses_of, own_words, parse
from core.reading.mailboxes import is_mailbox, messages
from core.settings import change_setting, load_settings
from tests.core.reading.tools import PROSE, fault, read, reasons, texts, write


def no_pages(page: bytes) -> str:
    raise AssertionError("there is plain text")


def message(text: str, sender: str = "Anna <anna@x.org>", to: str = "ben@y.org", **headers: str) -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, to, "About the harbour"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made.as_bytes()


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Dear Ben,\n\nthank you.\n\nAnna\n-- \nAnna, harbour master\n", "Dear Ben,\n\nthank you.\n\nAnna"),
        ("Yes.\n\nOn Tue, 3 Mar 2026 at 10:00, Ben <b@y.org> wrote:\n> Do you?\n>> Really?\n", "Yes."),
        (
            "On Tue, 3 Mar 2026 at 10:00, Ben wrote:\n\n> Do you?\n\nYes, I do.\n\n> And so?\n\nSo.",
            "Yes, I do.\n\n\nSo.",
        ),
        ("Ja.\n\nAm 03.03.2026 um 10:00 schrieb Ben:\n> Willst du?", "Ja."),
        ("Oui.\n\nLe mar. 3 mars 2026 à 10:00, Ben <b@y.org> a\nécrit :\n\n> Tu veux ?", "Oui."),
        ("Yes.\n\nOn Tue, 3 Mar 2026 at 10:00, Ben\n<ben@y.org> wrote:\n\nDo you?\nNo quotes here.", "Yes."),
        ("See below.\n\n-----Original Message-----\nFrom: Ben\nWhat he said.", "See below."),
        ("See.\n\n---------- Forwarded message ---------\nFrom: Ben\n\nWhat he said.", "See."),
        ("See.\n\nBegin forwarded message:\n\n> From: Ben\n", "See."),
        ("See.\n\nFrom: Ben <b@y.org>\nSent: Tuesday\nTo: Anna\nSubject: x\n\nWhat he said.", "See."),
        ("Siehe.\n\nVon: Ben\nGesendet: Dienstag\nAn: Anna\nBetreff: x\n\nText", "Siehe."),
        ("From: me to you is not far.\n\nReally.", "From: me to you is not far.\n\nReally."),
        ("Fine.\n\nSent from my iPhone", "Fine."),
        ("I asked, and he wrote: come.\n\nSo I came.", "I asked, and he wrote: come.\n\nSo I came."),
        ("> only\n> quotes", ""),
        ("", ""),
    ],
)
def test_own_words(text: str, own: str) -> None:
    assert own_words(text) == own


def test_lines_that_flow_are_joined() -> None:
    data = (
        b"From: a@x.org\nContent-Type: text/plain; format=flowed\n\nThe light falls \non the harbour.\n"
        b"> a quote \n> goes on\nNew line.\n-- \nsigned \n"
    )
    assert parse(data, no_pages).text == "The light falls on the harbour.\n\nNew line."


def test_what_is_attached_or_forwarded_is_not_read() -> None:
    outer = MIMEMultipart("mixed")
    outer["From"] = "anna@x.org"
    inner = MIMEMultipart("alternative")
    inner.attach(MIMEText("My own words.", "plain"))
    inner.attach(MIMEText("<p>My own words.</p>", "html"))
    outer.attach(inner)
    attached = MIMEText("Not my words.", "plain")
    attached.add_header("Content-Disposition", "attachment", filename="notes.txt")
    outer.attach(attached)
    forwarded = EmailMessage()
    forwarded.set_content("Somebody's words.")
    outer.attach(MIMEMessage(forwarded))
    assert parse(outer.as_bytes(), no_pages).text == "My own words."


@pytest.mark.skipif(pandoc.program() is None, reason="pandoc is not installed")
def test_a_message_that_is_only_a_web_page(tmp_path: Path) -> None:
    made = EmailMessage()
    made["From"] = "anna@x.org"
    made.set_content(
        f"<html><body><div>{PROSE}</div><div>A second one.</div><blockquote>quoted</blockquote>"
        '<div class="gmail_quote"><div class="gmail_attr">On Tue Ben wrote:</div>Do you?</div>'
        '<div class="gmail_signature">Anna, harbour master</div></body></html>',
        subtype="html",
    )
    write(tmp_path / "a.eml", made.as_bytes())
    assert texts(read(tmp_path)) == [f"{PROSE}\n\nA second one."]


@pytest.mark.parametrize("charset", ["iso-8859-1", "utf-8", "no-such-charset", "us-ascii"])
def test_charsets(charset: str) -> None:
    body = "Le café est fermé, et la mer était calme. " * 5
    data = f"From: a@x.org\nContent-Type: text/plain; charset={charset}\n\n".encode() + body.encode(
        "iso-8859-1" if charset == "iso-8859-1" else "utf-8"
    )
    assert parse(data, no_pages).text == body.strip()


def test_mail_that_a_program_sent_has_no_own_words() -> None:
    assert parse(message("I am away.", Auto_Submitted="auto-replied"), no_pages).text == ""
    assert parse(message("I am here.", Auto_Submitted="no"), no_pages).text == "I am here."


def test_damaged_messages() -> None:
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (depth, depth) for depth in range(2_000)
    )
    for data in (
        nested,
        b"\xff" * 1000,
        b"",
        b"From: \xff\n\n\xff",
        message("x")[:40],
        b"Content-Type: multipart/mixed\n\nx",
    ):
        try:
            parse(data, no_pages)
        except Unusable as error:
            assert "no sound message" in str(error)


@settings(deadline=None, max_examples=100)
@given(st.text(st.sampled_from("ab>:\n -_|FromOnwrote12@"), max_size=200))
def test_any_text_has_own_words(text: str) -> None:
    assert set(own_words(text)) <= set(text)


def mailbox(*parts: bytes) -> bytes:
    return b"".join(b"From anna@x.org Tue Mar  3 10:00:00 2026\n" + part.rstrip() + b"\n\n" for part in parts)


def numbered(number: int, **options: str) -> bytes:
    return message(f"Letter {number}: {PROSE}\n", **options)


def test_each_message_of_a_mailbox_is_a_document(tmp_path: Path) -> None:
    write(tmp_path / "Sent", mailbox(*(numbered(n) for n in range(3)), message("> only a quote")))
    corpus = read(tmp_path)
    assert [(document.part, document.text) for document in corpus.documents] == [
        (n, f"Letter {n}: {PROSE}") for n in range(3)
    ]
    assert [file.path.name for file in corpus.files] == ["Sent"]
    write(tmp_path / "z/old.mbox.gz", gzip.compress(mailbox(numbered(7))))
    assert texts(read(tmp_path / "z")) == [f"Letter 7: {PROSE}"]
    assert set(corpus.kinds) == {"mailbox"}


def test_lines_that_begin_with_from_are_no_messages() -> None:
    body = b"Subject: x\n\nFrom here on it was dark.\n\n>From the harbour 2026\n"
    assert list(messages(open_bytes(mailbox(body)))) == [
        (b"Subject: x\n\nFrom here on it was dark.\n\nFrom the harbour 2026\n\n", True)
    ]
    assert not is_mailbox(b"From here on it was dark.\nSo they said: no more.\nMore.\n")


def open_bytes(data: bytes) -> io.BytesIO:
    return io.BytesIO(data)


def test_a_message_too_large_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailboxes, "MAX_MESSAGE_BYTES", 1000)
    found = list(messages(open_bytes(mailbox(numbered(1), message("x\n" * 1000), numbered(2)))))
    assert [whole for _, whole in found] == [True, False, True]


def test_the_owner_of_a_mailbox_is_told_from_it(tmp_path: Path) -> None:
    def to_me(n: int) -> bytes:
        return numbered(n, sender=f"p{n}@y.org", to="anna@x.org, list@z.org")

    mine = [numbered(n, to=f"p{n}@y.org") for n in range(5)]
    write(tmp_path / "all.mbox", mailbox(*mine, *(to_me(n) for n in range(5, 30))))
    corpus = read(tmp_path)
    assert len(corpus.documents) == 5
    assert corpus.remarks == [(tmp_path / "all.mbox", "25 of 30 messages are of somebody else")]
    # Too few to tell.
    few = tmp_path / "few"
    write(few / "few.mbox", mailbox(numbered(1), numbered(2, sender="p@y.org", to="anna@x.org")))
    assert len(read(few).documents) == 2


def test_addresses_in_the_settings_decide(tmp_path: Path) -> None:
    write(tmp_path / "m/a.eml", message("Mine. " + PROSE))
    write(tmp_path / "m/b.eml", message("Not mine. " + PROSE, sender="Ben <BEN@y.org>"))
    write(tmp_path / "m/c.mbox", mailbox(numbered(1), numbered(2, sender="ben@y.org")))
    assert len(read(tmp_path / "m").documents) == 4
    change_setting("addresses", ["Ben@Y.org"])
    assert load_settings().problems == ()
    corpus = read(tmp_path / "m")
    assert [document.text.split()[0] for document in corpus.documents] == ["Not", "Letter"]
    assert reasons(corpus) == {"a.eml": "mail of somebody else"}
    assert "mail of somebody else" in fault(tmp_path / "m/a.eml")


def test_a_maildir_with_folders_that_are_hidden(tmp_path: Path) -> None:
    for folder in (tmp_path / "Mail", tmp_path / "Mail/.Sent"):
        for part in ("cur", "new", "tmp"):
            (folder / part).mkdir(parents=True)
    write(tmp_path / "Mail/cur/1234.V1.host:2,S", numbered(1))
    write(tmp_path / "Mail/.Sent/cur/1235.V1.host:2,S", numbered(2))
    write(tmp_path / "Mail/.Sent/dovecot.index", "x")
    write(tmp_path / "Mail/.cache/cur/1236", numbered(3))
    corpus = read(tmp_path / "Mail")
    assert sorted(document.text for document in corpus.documents if "Letter" in document.text) == [
        f"Letter {n}: {PROSE}" for n in (1, 2)
    ]


def test_addresses() -> None:
    assert addresses_of(message("x", sender='"Anna, M." <ANNA@x.org>', to="b@y.org, C <c@y.org>")) == (
        "anna@x.org",
        frozenset({"b@y.org", "c@y.org"}),
    )
    assert addresses_of(b"\xff\n\n") == ("", frozenset())
    assert addresses_of(b"") == ("", frozenset())
