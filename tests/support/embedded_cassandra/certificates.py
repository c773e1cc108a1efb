# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates for tests: an authority, what a node presents, what a client presents; and how a node is told of them."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)

_STORE_PASSWORD = "cassandra"
EXPIRED = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)


@dataclass(frozen=True)
class Pem:
    """Paths of PEM files: a certificate with its chain, and its key."""

    certificate: Path
    key: Path


class Authority:
    """A certificate authority which writes what it signs into a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.ca = trustme.CA()
        self.path = folder / "ca.pem"
        self.path.write_bytes(self.ca.cert_pem.bytes())

    def issue(self, *names: str, expired: bool = False, password: str | None = None) -> Pem:
        """A certificate for host names, addresses, and URIs, its key encrypted where there is a password."""
        # trustme itself knows no URI.
        with mock.patch("trustme._identity_string_to_x509", _name):
            leaf = self.ca.issue_cert(*names, not_after=EXPIRED if expired else None)
        stem = f"{len(list(self._folder.iterdir()))}-leaf"
        pem = Pem(self._folder / f"{stem}.crt", self._folder / f"{stem}.key")
        pem.certificate.write_bytes(b"".join(one.bytes() for one in leaf.cert_chain_pems))
        pem.key.write_bytes(_pkcs8(leaf.private_key_pem.bytes(), password))
        return pem


@dataclass(frozen=True)
class NodeTls:
    """What a node presents, whom it trusts, whether it wants a certificate from its clients, and takes those without TLS."""

    pem: Pem
    authority: Path
    mutual: bool = False
    optional: bool = False

    def settings(self, folder: Path) -> dict[str, Any]:
        """The lines of cassandra.yaml; writes the stores they name into C(folder)."""
        folder.mkdir(parents=True, exist_ok=True)
        # Cassandra 4.0 reads no PEM; old Java runtimes read old encryption only.
        encryption = (
            PrivateFormat.PKCS12.encryption_builder()
            .kdf_rounds(20000)
            .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
            .hmac_hash(hashes.SHA1())  # noqa: S303
            .build(_STORE_PASSWORD.encode())
        )
        key: Any = load_pem_private_key(self.pem.key.read_bytes(), None)
        certificates = x509.load_pem_x509_certificates(self.pem.certificate.read_bytes())
        trusted = x509.load_pem_x509_certificate(self.authority.read_bytes())
        (folder / "server.p12").write_bytes(
            pkcs12.serialize_key_and_certificates(b"server", key, certificates[0], certificates[1:], encryption)
        )
        (folder / "trust.p12").write_bytes(
            pkcs12.serialize_java_truststore([pkcs12.PKCS12Certificate(trusted, b"ca")], encryption)
        )
        options = {
            "enabled": True,
            "optional": self.optional,
            "require_client_auth": self.mutual,
            "keystore": str(folder / "server.p12"),
            "keystore_password": _STORE_PASSWORD,
            "truststore": str(folder / "trust.p12"),
            "truststore_password": _STORE_PASSWORD,
            "store_type": "PKCS12",
        }
        return {"client_encryption_options": options}


def _name(name: str, known: Any = trustme._identity_string_to_x509) -> x509.GeneralName:
    return x509.UniformResourceIdentifier(name) if "://" in name else known(name)


def _pkcs8(key: bytes, password: str | None) -> bytes:
    """trustme writes keys in a form which Cassandra does not read."""
    encryption = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    return load_pem_private_key(key, None).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
