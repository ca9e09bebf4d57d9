"""A real SMTP server on loopback that keeps what it takes, and misbehaves as it is told."""

import asyncio
import email.policy
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Postbox:
    """What a server took, and its answers: each may be replaced for a test; without ``keeps`` it forgets contents.

    It has no properties: the server reads each attribute of it at every connection.
    """

    def __init__(self, *, keeps: bool = True) -> None:
        self.keeps = keeps
        self.taken: list[tuple[tuple[str, ...], bytes]] = []
        self.asked: Counter[str] = Counter()
        self.on_mail: Callable[[int], str | None] = lambda _: None
        self.on_rcpt: Callable[[str, int], str | None] = lambda _address, _time: None
        self.on_data: Callable[[int], str | None] = lambda _: None

    async def handle_MAIL(  # noqa: N802 - as the server calls it
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.asked["MAIL"] += 1
        answer = self.on_mail(self.asked["MAIL"])
        if answer:
            if answer.startswith("421"):
                asyncio.get_running_loop().call_later(0.05, server.transport.close)
            return answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - as the server calls it
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.asked[address] += 1
        answer = self.on_rcpt(address, self.asked[address])
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        self.asked["DATA"] += 1
        answer = self.on_data(self.asked["DATA"])
        if answer and answer != "drop":
            return answer
        content = envelope.content
        assert isinstance(content, bytes)
        self.taken.append((tuple(envelope.rcpt_tos), content if self.keeps else b""))
        if answer == "drop":
            server.transport.close()
        return "250 taken"

    def mails(self) -> dict[str, EmailMessage]:
        """What was taken by Message-ID; each was taken once."""
        parser = BytesParser(policy=email.policy.default)
        parsed: list[Any] = [parser.parsebytes(content) for _, content in self.taken]
        found = {str(mail["Message-ID"]): mail for mail in parsed}
        assert len(found) == len(self.taken), "a mail came twice"
        return found


@contextmanager
def serving(postbox: Postbox, host: str = "127.0.0.1", **options: Any) -> Iterator[str]:
    """Serve a postbox; gives the address. Options are those of aiosmtpd's server.

    The server has a name, and asks nobody for one at each connection.
    """
    options = {"server_hostname": "localhost", **options}
    with socket.create_server((host, 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(postbox, hostname=host, port=port, ready_timeout=20, **options)
    controller.start()
    try:
        yield f"smtp://{host}:{port}"
    finally:
        controller.stop()
