# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sends a message by mail: with STARTTLS or TLS, whose certificate is verified, unless plain SMTP is asked for."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from .model import Channel, Message, NotSent


def send_mail(channel: Channel, message: Message) -> str:
    """Send the mail; to how many. Raises NotSent, also where only some of the recipients were accepted."""
    options = channel.options
    if options["password"] and options["security"] == "none":
        raise NotSent("a password is not sent without TLS")
    try:
        with _connect(channel) as server:
            if options["username"]:
                server.login(options["username"], options["password"] or "")
            refused = server.send_message(compose(channel, message))
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise NotSent(f"{options['host']}: {_words(error)}") from error
    if refused:
        raise NotSent(f"{options['host']} refused: {', '.join(sorted(refused))}")
    return f"{options['host']} took it for {len(options['recipients'])}"


def compose(channel: Channel, message: Message) -> EmailMessage:
    """The mail: the text for people, and the record as Markdown attached where there is one."""
    mail = EmailMessage()
    mail["Subject"] = " ".join(message.subject.split())
    mail["From"] = channel.options["sender"]
    mail["To"] = ", ".join(channel.options["recipients"])
    mail["Date"] = formatdate(localtime=True)
    mail["Message-ID"] = make_msgid()
    mail.set_content(message.text)
    if message.markdown:
        mail.add_attachment(message.markdown, subtype="markdown", filename="change-record.md")
    return mail


def _connect(channel: Channel) -> smtplib.SMTP:
    options = channel.options
    context = ssl.create_default_context(cafile=options["ca_path"])
    if options["security"] == "tls":
        return smtplib.SMTP_SSL(options["host"], options["port"] or 465, timeout=options["timeout"], context=context)
    port = options["port"] or (587 if options["security"] == "starttls" else 25)
    server = smtplib.SMTP(options["host"], port, timeout=options["timeout"])
    if options["security"] == "starttls":
        try:
            server.starttls(context=context)
        except Exception:
            server.close()
            raise
    return server


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        # The server's own words may repeat what was sent.
        return f"it refuses the user or the password ({error.smtp_code})"
    return " ".join(str(error).split()) or type(error).__name__
