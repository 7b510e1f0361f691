"""Starting the identity providers of the journeys, and changing whom they know."""

from __future__ import annotations

import datetime
import json
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tests.journeys.portal import BASE_DIR, wait_until


@contextmanager
def running(script: str, package: str, folder: Path, port: int, *arguments: str) -> Iterator[None]:
    """Run one of the scripts beside this file until the block ends."""
    node, modules = shutil.which("node"), BASE_DIR / "node_modules"
    if not node or not (modules / package).is_dir():
        pytest.skip(f"npm's {package} is not installed; `make test` installs it")
    log = folder / "idp.log"
    command = [node, str(Path(__file__).parent / script), str(port), *arguments, str(modules)]
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: "listening" in log.read_text(), 20, f"the identity provider listens: {log.read_text()}")
        yield
    finally:
        process.terminate()
        process.wait(10)


def put_in_groups(address: str, name: str, *groups: str) -> None:
    """Make these the groups of somebody at a provider, as an admin there would."""
    body = json.dumps({"name": name, "groups": groups}).encode()
    with urllib.request.urlopen(f"{address}/people", data=body, timeout=10) as answer:
        assert answer.read() == b"changed"


def write_key_and_certificate(folder: Path) -> None:
    """A key and a self-signed certificate, as SAML providers have them."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Company SAML")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    pem, pkcs8, plain = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(pem, pkcs8, plain))
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
