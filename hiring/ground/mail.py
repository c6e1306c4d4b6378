"""Mail: texts from templates, messages with one Message-ID each, and the carrier that hands them to an SMTP server.

Templates lie in ``templates/mail/<room>/<name>.subject.txt`` and ``.txt``. The HTML part is ``<name>.html`` where there
is one, and otherwise made from the text: a paragraph per blank line, a link per line that holds nothing but an address.
"""

import re
import smtplib
import ssl
from collections.abc import Callable
from datetime import date, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from typing import Any, NamedTuple, Self
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, select_autoescape

from hiring.ground.config import settings
from hiring.ground.paths import resource

TIMEOUT_SECONDS = 10
_WIRE = SMTP.clone(cte_type="7bit")
"""No server needs 8BITMIME to take our mails."""
_PERMANENT = range(500, 600)


class Mail(NamedTuple):
    """What ``compose`` returns, in the order in which ``outbox.put`` takes it."""

    subject: str
    text: str
    html: str


def compose(template: str, **context: Any) -> Mail:
    """Render ``templates/mail/<template>``; the templates know ``base_url`` and the filters ``when`` and ``day``.

    A name that a template uses and nobody gave raises jinja2.UndefinedError.
    """
    context = {"base_url": settings().base_url} | context
    environment = _environment()
    subject = one_line(environment.get_template(f"{template}.subject.txt").render(context))
    text = environment.get_template(f"{template}.txt").render(context).strip() + "\n"
    try:
        html = environment.get_template(f"{template}.html").render(context, subject=subject)
    except TemplateNotFound:
        html = environment.get_template("from_text.html").render(
            context, subject=subject, paragraphs=[part.splitlines() for part in re.split(r"\n\s*\n", text.strip())]
        )
    return Mail(subject, text, html)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(resource("templates") / "mail"),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(when=when, day=day)
    environment.tests["address"] = lambda line: bool(re.fullmatch(r"https?://\S+", line.strip()))
    return environment


def when(instant: datetime, zone: str) -> str:
    """An instant in the recipient's IANA zone, like ``Mon 3 Mar 2026, 14:05 CET``."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M %Z}"


def day(value: date) -> str:
    """A calendar day, like ``Mon 3 Mar 2026``."""
    return f"{value:%a} {value.day} {value:%b %Y}"


def one_line(text: str) -> str:
    """Fold every run of white space and control characters into one space: no text can add a header."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def message(
    *,
    sender: str,
    to: str,
    subject: str,
    text: str,
    html: str | None,
    calendar: str | None,
    message_id: str,
    at: datetime,
) -> EmailMessage:
    """Build the message; ``calendar`` is an iCalendar text whose METHOD invites, updates or cancels.

    Raises ValueError for an address that no header can hold.
    """
    mail = EmailMessage(_WIRE)
    name, address = parseaddr(sender)
    try:
        mail["From"] = Address(name, addr_spec=address)
        mail["To"] = Address(addr_spec=to)
    except (MessageError, IndexError) as error:
        raise ValueError(f"{to!r} is no mail address: {error}") from error
    mail["Subject"] = one_line(subject)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    if calendar:
        method = re.search(r"^METHOD:(\w+)", calendar, re.MULTILINE)
        mail.add_alternative(calendar, subtype="calendar", params={"method": method[1] if method else "PUBLISH"})
    return mail


class ServerAway(Exception):
    """No conversation with the mail server is possible now; says nothing about any one message."""


class NotTaken(Exception):
    """The server did not take this message; ``final`` when trying again is pointless."""

    def __init__(self, words: str, *, final: bool) -> None:
        super().__init__(words)
        self.final = final


class Overtaken(Exception):
    """Somebody else sends this message by now."""


class _Asking(smtplib.SMTP):
    """Asks once more when the server has taken the recipient and waits for the text, which may be much later."""

    ask: Callable[[], None]

    def data(self, msg: Any) -> tuple[int, bytes]:
        self.ask()
        return super().data(msg)


class _AskingTls(_Asking, smtplib.SMTP_SSL):
    """The same, encrypted from the start."""


class Carrier:
    """One conversation with the SMTP server, opened anew whenever it broke. A context manager.

    The URL is ``smtp://[user:password@]host[:port]`` (STARTTLS where the server offers it) or ``smtps://…``.
    """

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._server: _Asking | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._drop()

    def connect(self) -> None:
        """Make sure that a conversation is open; raises ServerAway."""
        if self._server is not None:
            try:
                if self._server.noop()[0] == 250:
                    return
            except (OSError, smtplib.SMTPException):
                pass
            self._drop()
        try:
            self._server = self._open()
        except (OSError, smtplib.SMTPException, ValueError) as error:
            host = self._url.hostname or "no host"
            raise ServerAway(f"The mail server {host} cannot be used: {_words(error)}") from error

    def send(self, mail: EmailMessage, ask: Callable[[], None]) -> None:
        """Hand one message over; raises NotTaken. The envelope is the message's own From and To.

        ``ask`` is called last before the text leaves, and may raise Overtaken to keep it here.
        """
        if self._server is None:
            raise RuntimeError("connect() comes before send()")
        self._server.ask = ask
        try:
            self._server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            raise NotTaken(f"{code} {words.decode(errors='replace')}", final=code in _PERMANENT) from error
        except smtplib.SMTPSenderRefused as error:
            # Our own address is refused: a setting to be mended, not a fault of this message.
            raise NotTaken(_words(error), final=False) from error
        except smtplib.SMTPResponseException as error:
            raise NotTaken(_words(error), final=error.smtp_code in _PERMANENT) from error
        except smtplib.SMTPNotSupportedError as error:
            raise NotTaken(_words(error), final=True) from error
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise NotTaken(_words(error), final=False) from error
        except Exception:  # whatever ``ask`` raised: the conversation stands in the middle of a message
            self._drop()
            raise

    def _open(self) -> _Asking:
        host, context = self._url.hostname or "", ssl.create_default_context()
        server: _Asking
        if self._url.scheme == "smtps":
            server = _AskingTls(host, self._url.port or 465, timeout=TIMEOUT_SECONDS, context=context)
        else:
            server = _Asking(host, self._url.port or 25, timeout=TIMEOUT_SECONDS)
        try:
            server.ehlo_or_helo_if_needed()
            if self._url.scheme != "smtps" and server.has_extn("starttls"):
                server.starttls(context=context)
            if self._url.username:
                server.login(unquote(self._url.username), unquote(self._url.password or ""))
        except BaseException:
            server.close()
            raise
        return server

    def _drop(self) -> None:
        if self._server is not None:
            try:
                self._server.quit()
            except (OSError, smtplib.SMTPException):
                self._server.close()
            self._server = None


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        return f"{error.smtp_code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
    return str(error) or type(error).__name__
