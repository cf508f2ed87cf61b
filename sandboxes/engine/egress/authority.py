"""The platform's own certificate authority, and certificates of it for hosts under rules."""

from __future__ import annotations

import datetime
import os
import ssl
import tempfile
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from .domains import as_address

KEY_FILE, CERTIFICATE_FILE = "authority.key", "authority.crt"
AUTHORITY_DAYS, LEAF_DAYS = 3650, 30
RENEW_DAYS = 60
NAME = "Vibe sandbox network (this machine only)"


class Authority:
    """Makes certificates that only sandboxes of this platform trust. Thread-safe."""

    def __init__(self, key_pem: bytes, certificate_pem: bytes) -> None:
        key = serialization.load_pem_private_key(key_pem, password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self._key = key
        self._certificate = x509.load_pem_x509_certificate(certificate_pem)
        # One key for all leaves: they live in the same process anyway.
        self._leaf_key = ec.generate_private_key(ec.SECP256R1())
        self.server_context = lru_cache(maxsize=512)(self._server_context)

    def _server_context(self, host: str) -> ssl.SSLContext:
        """To speak as `host` with a client in a sandbox; HTTP/1.1 only."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        pem = self._leaf_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ) + self._leaf(host).public_bytes(serialization.Encoding.PEM)
        # The ssl module reads certificates from files alone; this one is in memory.
        descriptor = os.memfd_create("leaf", os.MFD_CLOEXEC)
        try:
            os.write(descriptor, pem)
            context.load_cert_chain(f"/proc/self/fd/{descriptor}")
        finally:
            os.close(descriptor)
        return context

    def _leaf(self, host: str) -> x509.Certificate:
        address = as_address(host)
        name: x509.GeneralName = (
            x509.IPAddress(ip_address(str(address))) if address else x509.DNSName(host)
        )
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])]))
            .issuer_name(self._certificate.subject)
            .public_key(self._leaf_key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=LEAF_DAYS))
            .add_extension(x509.SubjectAlternativeName([name]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
            .sign(self._key, hashes.SHA256())
        )


def load_or_make(directory: Path) -> tuple[bytes, bytes]:
    """(key, certificate) as PEM, made once; a new pair when the old one is about to end."""
    key_file, certificate_file = directory / KEY_FILE, directory / CERTIFICATE_FILE
    try:
        key, certificate = key_file.read_bytes(), certificate_file.read_bytes()
        left = x509.load_pem_x509_certificate(certificate).not_valid_after_utc
        if left - datetime.datetime.now(datetime.UTC) > datetime.timedelta(days=RENEW_DAYS):
            return key, certificate
    except (FileNotFoundError, ValueError):
        pass
    key, certificate = _make()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(key_file, key)
    _write(certificate_file, certificate)
    return key, certificate


def _make() -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=True, crl_sign=True,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private, certificate.public_bytes(serialization.Encoding.PEM)


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, for our own user alone."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:  # mode 0600
        file.write(content)
    os.replace(file.name, path)
