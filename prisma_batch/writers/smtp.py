"""Hands mails to an SMTP server, and knows after each whether the server has it, has it not, or may have it.

Source: RFC 5321 (replies; 421 closes the connection; responsibility passes with the reply to the final dot).
"""

import smtplib
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TypeAlias
from urllib.parse import urlsplit

from prisma_batch.base.errors import UsageProblem
from prisma_batch.writers.texts import one_line

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_PORTS = {"smtp": 587, "smtps": 465}
_TIMEOUT_SECONDS = 60
_CLOSING = 421


@dataclass(frozen=True, kw_only=True, slots=True)
class SmtpServer:
    """A server; without ``user`` nobody signs in."""

    host: str
    port: int
    is_tls: bool
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, url: str, user: str, password: str) -> "SmtpServer":
        """Read ``smtp://host:587`` (STARTTLS) or ``smtps://host:465``.

        Raises:
            UsageProblem: it is neither, or holds credentials, which would show in lists of processes and in logs.
        """
        try:
            parts = urlsplit(url)
            usual = _PORTS[parts.scheme]
            port = parts.port or usual
        except (ValueError, KeyError):
            raise UsageProblem("--smtp is smtp://HOST:PORT (STARTTLS) or smtps://HOST:PORT") from None
        if parts.username or parts.password:
            raise UsageProblem("credentials come from PRISMA_SMTP_USER and PRISMA_SMTP_PASSWORD, not from --smtp")
        if not parts.hostname or parts.path.strip("/") or parts.query:
            raise UsageProblem("--smtp is smtp://HOST:PORT (STARTTLS) or smtps://HOST:PORT")
        return cls(host=parts.hostname, port=port, is_tls=parts.scheme == "smtps", user=user, password=password)


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """The server has it, for these recipients."""

    recipients: tuple[str, ...]
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejected:
    """The server has it for nobody; a temporary refusal may be tried again.

    ``of_anybody``: the server refused before it was told of recipients, or closed: it would refuse other mails too.
    """

    refused: tuple[str, ...]
    is_temporary: bool
    of_anybody: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Unclear:
    """The connection broke while the content was on its way: the server may have it."""

    why: str


Outcome: TypeAlias = Accepted | Rejected | Unclear


class SmtpSession:
    """A connection that is made when it is needed, and again when the server has closed it."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._smtp: smtplib.SMTP | None = None

    def connect(self) -> None:
        """Connect now.

        Raises:
            UsageProblem: the server is not there, offers no encryption, or does not let the user in.
        """
        try:
            self._connected()
        except (smtplib.SMTPException, OSError) as error:
            raise UsageProblem(f"the SMTP server {self._server.host} cannot be used: {_said(error)}") from error

    def close(self) -> None:
        if self._smtp is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._smtp.quit()
        self._drop()

    def deliver(
        self,
        sender: str,
        recipients: Sequence[str],
        content: bytes,
        before_data: Callable[[tuple[str, ...]], None],
        *,
        is_last_try: bool,
    ) -> Outcome:
        """Hand over one mail.

        Args:
            before_data: is called with the recipients that the server takes, before any content is sent.
            is_last_try: go ahead without recipients that are refused for now; before that everybody is tried again,
                since who has taken the mail must not get it once more.
        """
        try:
            smtp = self._connected()
            code, reply = smtp.mail(sender)
            if code != 250:
                return self._rejected({sender: (code, reply)})
            replies = {recipient: smtp.rcpt(recipient) for recipient in recipients}
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            return Rejected(refused=(_said(error),), is_temporary=True)
        refused = {recipient: reply for recipient, reply in replies.items() if reply[0] not in (250, 251)}
        accepted = tuple(recipient for recipient in recipients if recipient not in refused)
        if not accepted or (not is_last_try and any(code < 500 for code, _ in refused.values())):
            return replace(self._rejected(refused), of_anybody=any(code == _CLOSING for code, _ in refused.values()))
        before_data(accepted)
        return self._hand_over(smtp, content, accepted, refused)

    def _hand_over(
        self,
        smtp: smtplib.SMTP,
        content: bytes,
        accepted: tuple[str, ...],
        refused: Mapping[str, tuple[int, bytes]],
    ) -> Outcome:
        try:
            code, reply = smtp.data(content)
        except smtplib.SMTPDataError as error:  # the server did not let the content begin
            return self._rejected({"DATA": (error.smtp_code, _bytes(error.smtp_error))})
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            return Unclear(why=_said(error))
        if code != 250:
            return self._rejected({"DATA": (code, reply)})
        return Accepted(recipients=accepted, refused=_told(refused))

    def _rejected(self, replies: Mapping[str, tuple[int, bytes]]) -> Rejected:
        if any(code == _CLOSING for code, _ in replies.values()):
            self._drop()
        elif self._smtp is not None:
            try:
                self._smtp.rset()
            except (smtplib.SMTPException, OSError):
                self._drop()
        return Rejected(refused=_told(replies), is_temporary=any(code < 500 for code, _ in replies.values()))

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is None:
            self._smtp = _opened(self._server)
        return self._smtp

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None


def _opened(server: SmtpServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    smtp: smtplib.SMTP
    if server.is_tls:
        smtp = smtplib.SMTP_SSL(server.host, server.port, timeout=_TIMEOUT_SECONDS, context=context)
        smtp.ehlo()
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT_SECONDS)
        smtp.ehlo()
        if smtp.has_extn("starttls"):
            smtp.starttls(context=context)
            smtp.ehlo()
        elif server.host not in _LOOPBACK:
            smtp.close()
            raise UsageProblem(f"the SMTP server {server.host} offers no STARTTLS: nothing is sent in the clear")
    if server.user:
        smtp.login(server.user, server.password)
    return smtp


def _told(replies: Mapping[str, tuple[int, bytes]]) -> tuple[str, ...]:
    return tuple(f"{about}: {code} {_text(reply)}" for about, (code, reply) in replies.items())


def _text(reply: bytes) -> str:
    return one_line(reply.decode("utf-8", "replace"))[:200]


def _bytes(reply: bytes | str) -> bytes:
    return reply if isinstance(reply, bytes) else reply.encode()


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(_bytes(error.smtp_error))}"
    return one_line(str(error))[:200] or type(error).__name__
