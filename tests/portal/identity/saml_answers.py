"""Answers of a SAML provider, made and signed here so that tests can spoil them."""

from __future__ import annotations

import base64
import datetime
import uuid
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from onelogin.saml2.utils import OneLogin_Saml2_Utils as Utils

BASE = "http://127.0.0.1:8000"
PEM = serialization.Encoding.PEM


def key_and_certificate() -> tuple[str, str]:
    """A key and its self-signed certificate, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "provider")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=9)).sign(key, hashes.SHA256())
    )  # fmt: skip
    plain = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return plain.decode(), certificate.public_bytes(PEM).decode()


KEY, CERTIFICATE = key_and_certificate()
OTHER_KEY, OTHER_CERTIFICATE = key_and_certificate()


def at(minutes: float) -> str:
    """A time so many minutes from now."""
    moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=minutes)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Answer:
    """One answer; its fields are what an honest provider says."""

    key: str = "corp"
    asked: str = ""
    confirmed: str | None = None
    name_id: str = "id-of-ada"
    name_id_format: str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
    groups: tuple[str, ...] = ()
    audience: str = ""
    recipient: str = ""
    issuer: str = "https://idp.example.com/corp"
    starts: float = -9
    ends: float = 5
    id: str = field(default_factory=lambda: f"_a{uuid.uuid4()}")

    def assertion(self) -> str:
        """The assertion, not signed."""
        acs = self.recipient or f"{BASE}/accounts/saml/{self.key}/acs/"
        audience = self.audience or f"{BASE}/accounts/saml/{self.key}/metadata/"
        confirmed = self.asked if self.confirmed is None else self.confirmed
        in_response = f' InResponseTo="{confirmed}"' if confirmed else ""
        groups = "".join(f"<saml:AttributeValue>{name}</saml:AttributeValue>" for name in self.groups)
        return (
            f'<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="{self.id}" Version="2.0"'
            f' IssueInstant="{at(0)}"><saml:Issuer>{self.issuer}</saml:Issuer><saml:Subject>'
            f'<saml:NameID Format="{self.name_id_format}">{self.name_id}</saml:NameID>'
            '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData'
            f' NotOnOrAfter="{at(self.ends)}" Recipient="{acs}"{in_response}/>'
            "</saml:SubjectConfirmation></saml:Subject>"
            f'<saml:Conditions NotBefore="{at(self.starts)}" NotOnOrAfter="{at(self.ends)}"><saml:AudienceRestriction>'
            f"<saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>"
            f'<saml:AuthnStatement AuthnInstant="{at(0)}" SessionIndex="s1"><saml:AuthnContext>'
            "<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext>"
            "</saml:AuthnStatement><saml:AttributeStatement>"
            f'<saml:Attribute Name="groups">{groups}</saml:Attribute>'
            '<saml:Attribute Name="uid"><saml:AttributeValue>ada</saml:AttributeValue></saml:Attribute>'
            "</saml:AttributeStatement></saml:Assertion>"
        )

    def signed(self, key: str = KEY, certificate: str = CERTIFICATE) -> str:
        """The assertion, signed."""
        found = Utils.add_sign(
            self.assertion(), key, certificate, sign_algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            digest_algorithm="http://www.w3.org/2001/04/xmlenc#sha256",
        )  # fmt: skip
        return found.decode() if isinstance(found, bytes) else str(found)

    def response(self, assertion: str) -> str:
        """The whole answer around an assertion, as a browser posts it."""
        asked = f' InResponseTo="{self.asked}"' if self.asked else ""
        text = (
            '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" '
            f'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r{uuid.uuid4()}" Version="2.0"'
            f' IssueInstant="{at(0)}" Destination="{BASE}/accounts/saml/{self.key}/acs/"{asked}>'
            f"<saml:Issuer>{self.issuer}</saml:Issuer><samlp:Status>"
            '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>'
            f"{assertion}</samlp:Response>"
        )
        return base64.b64encode(text.encode()).decode()
