# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sends a mail over a connection whose certificate is verified, unless plain SMTP is asked for."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any

from ._errors import Failure, InvalidInput

_PORTS = {"starttls": 587, "tls": 465, "none": 25}


class NotSent(Failure):
    """The server did not take the mail, or not for all recipients; the words hold no password."""

    kind = "not_sent"


def send_mail(options: Mapping[str, Any]) -> None:
    """Send the mail; raises InvalidInput before a connection is opened, and NotSent."""
    mail = compose(options)
    try:
        with _connect(options) as server:
            if options["username"]:
                server.login(options["username"], options["password"] or "")
            refused = server.send_message(mail)
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(f"{options['host']}: {_words(error)}") from error
    if refused:
        raise NotSent(f"{options['host']} took the mail, but refused these recipients: {', '.join(sorted(refused))}.")


def compose(options: Mapping[str, Any]) -> EmailMessage:
    """The mail; raises InvalidInput."""
    if options["username"] and options["security"] == "none":
        raise InvalidInput("A password is not sent without TLS. Set security to starttls or tls.")
    mail = EmailMessage()
    try:
        mail["Subject"] = " ".join(options["subject"].split())
        mail["From"] = options["sender"]
        mail["To"] = ", ".join(options["recipients"])
    except ValueError as error:
        raise InvalidInput(f"The sender or a recipient is not a mail address: {error}.") from error
    mail["Date"] = formatdate(localtime=True)
    mail["Message-ID"] = make_msgid()
    mail.set_content(options["body"])
    for attachment in options["attachments"]:
        mail.add_attachment(attachment["content"], subtype=attachment["subtype"], filename=attachment["name"])
    return mail


def _connect(options: Mapping[str, Any]) -> smtplib.SMTP:
    security, host, timeout = options["security"], options["host"], options["timeout"]
    port = options["port"] or _PORTS[security]
    # It verifies the certificate and its host name.
    context = ssl.create_default_context(cafile=options["ca_path"])
    if security == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=timeout, context=context)
    server = smtplib.SMTP(host, port, timeout=timeout)
    if security == "starttls":
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
    return server


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        # The words of the server may repeat what was sent.
        return f"the server refuses the user or the password ({error.smtp_code})"
    return " ".join(str(error).split()) or type(error).__name__
