"""The centre's own certificate authority: its broker's certificate, and the gateways' client certificates.

`notBefore` is 2000-01-01: a machine whose clock was never set must still reach the centre.
"""

from __future__ import annotations

import ipaddress
import socket
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kentongan_host.errors import HostError
from kentongan_host.files import make_private_directory, write_private

NOT_BEFORE = datetime(2000, 1, 1, tzinfo=UTC)
# An alarm path must not die of a date. What ends a certificate is taking the gateway out of service.
NOT_AFTER = datetime(2049, 12, 31, tzinfo=UTC)
LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")

_CURVE = ec.SECP256R1()
_UNSPECIFIED = ("", "0.0.0.0", "::", "*")


class CertificateAuthority:
    """The authority in a folder: `ca.crt`, `ca.key`, `server.crt`, `server.key` (keys 0600)."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.ca_certificate = directory / "ca.crt"
        self.server_certificate = directory / "server.crt"
        self.server_key = directory / "server.key"
        self._ca_key = directory / "ca.key"

    def make(self) -> None:
        """Makes the authority unless it is there.

        Raises:
            HostError: the folder cannot be written.
        """
        if self._ca_key.exists():
            return
        make_private_directory(self.directory)
        key = ec.generate_private_key(_CURVE)
        name = _name("Kentongan centre")
        certificate = (
            _builder(name, name, key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        self._write(self._ca_key, _pem(key))
        self._write(self.ca_certificate, certificate.public_bytes(serialization.Encoding.PEM))

    def issue_client(self, common_name: str) -> tuple[bytes, bytes]:
        """A certificate and its key as PEM; the common name becomes the user name at the broker."""
        return self._issue(common_name, ExtendedKeyUsageOID.CLIENT_AUTH, ())

    def ensure_server(self, *names: str) -> bool:
        """Sees that the broker's certificate is good for these names and addresses besides its earlier ones.

        Returns:
            True when it was made anew, so that a running broker has to be restarted.
        """
        have = self._server_names()
        wanted = {*LOCAL_NAMES, socket.gethostname(), *(name for name in names if name not in _UNSPECIFIED)}
        if wanted <= have:
            return False
        certificate, key = self._issue("centre", ExtendedKeyUsageOID.SERVER_AUTH, tuple(sorted(have | wanted)))
        self._write(self.server_key, key)
        self._write(self.server_certificate, certificate)
        return True

    def _server_names(self) -> set[str]:
        if not self.server_certificate.exists():
            return set()
        certificate = x509.load_pem_x509_certificate(self.server_certificate.read_bytes())
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return {*names.get_values_for_type(x509.DNSName)} | {
            str(address) for address in names.get_values_for_type(x509.IPAddress)
        }

    def _issue(self, common_name: str, purpose: x509.ObjectIdentifier, names: tuple[str, ...]) -> tuple[bytes, bytes]:
        ca_certificate, ca_key = self._load()
        key = ec.generate_private_key(_CURVE)
        builder = (
            _builder(_name(common_name), ca_certificate.subject, key)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), False)
        certificate = builder.sign(ca_key, hashes.SHA256())
        return certificate.public_bytes(serialization.Encoding.PEM), _pem(key)

    def _load(self) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        try:
            certificate = x509.load_pem_x509_certificate(self.ca_certificate.read_bytes())
            key = serialization.load_pem_private_key(self._ca_key.read_bytes(), password=None)
        except (OSError, ValueError) as error:
            raise HostError(
                f"cannot read the authority in {self.directory}: {error}.",
                "Put its ca.crt and ca.key back from the backup; gateways trust no other.",
            ) from error
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return certificate, key

    @staticmethod
    def _write(path: Path, content: bytes) -> None:
        try:
            write_private(path, content)
        except OSError as error:
            raise HostError(
                f"cannot write {path}: {error.strerror}.", "Let this user write there, and make room on the disk."
            ) from error


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOT_BEFORE)
        .not_valid_after(NOT_AFTER)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
