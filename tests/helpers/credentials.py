"""Content Credentials with a certificate that is made for the test."""

import datetime
import json
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_DAY = datetime.timedelta(days=1)
_SOURCE_KINDS = "http://cv.iptc.org/newscodes/digitalsourcetype"


def sign_clip(
    source: Path, target: Path, kind: str = "digitalCapture", remote: str = ""
) -> None:
    """Copy a clip and give the copy signed Content Credentials.

    Args:
        kind: of the source that they state.
        remote: an address where they are instead of in the file; '': they are in the file.
    """
    import c2pa

    chain, key = _certificate("Camera 7", "Test Organisation")
    signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo(b"es256", chain, key, None))
    action = {"action": "c2pa.created", "digitalSourceType": f"{_SOURCE_KINDS}/{kind}"}
    statement = {
        "claim_generator_info": [{"name": "test program", "version": "1.2"}],
        "assertions": [{"label": "c2pa.actions", "data": {"actions": [action]}}],
    }
    builder = c2pa.Builder(json.dumps(statement))
    if remote:
        builder.set_remote_url(remote)
        builder.set_no_embed()
    builder.sign_file(str(source), str(target), signer)


def _certificate(name: str, organisation: str) -> tuple[bytes, bytes]:
    """A chain of two certificates in PEM and the private key of the first."""
    authority_key = ec.generate_private_key(ec.SECP256R1())
    key = ec.generate_private_key(ec.SECP256R1())
    authority_name = _name("Test Authority", organisation)
    authority = (
        _builder(authority_name, authority_name, authority_key.public_key())
        .add_extension(x509.BasicConstraints(True, None), True)
        .add_extension(_usage(is_authority=True), True)
        .sign(authority_key, hashes.SHA256())
    )
    own = (
        _builder(_name(name, organisation), authority_name, key.public_key())
        .add_extension(x509.BasicConstraints(False, None), True)
        .add_extension(_usage(is_authority=False), True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), True
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(
                authority_key.public_key()
            ),
            False,
        )
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return own.public_bytes(pem) + authority.public_bytes(pem), private


def _name(name: str, organisation: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + 30 * _DAY)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), False)
    )


def _usage(is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )
