"""A real OpenLDAP server for tests: an ordinary process on free ports, its data in a temporary folder."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from tests.portal.lib.certificates import make_certificate

PLACES = ("/usr/sbin", "/usr/libexec", "/usr/local/libexec", "/opt/homebrew/opt/openldap/libexec")
SUFFIX = "dc=example,dc=org"
SERVICE = f"cn=portal,{SUFFIX}"
ROOT, ROOT_PASSWORD = f"cn=root,{SUFFIX}", "root-password"


def find_slapd() -> str | None:
    """The server's program; None where it is not installed."""
    return shutil.which("slapd", path=os.pathsep.join([os.environ.get("PATH", ""), *PLACES]))


@dataclass
class DirectoryServer:
    """A running directory."""

    ldap: str
    ldaps: str
    ca_file: Path
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(10)


def start(folder: Path, slapd: str, entries_text: str = "", limits: str = "") -> DirectoryServer:
    """Start a directory with the people and groups of ``ENTRIES``, or with other entries (LDIF)."""
    certificate = make_certificate(folder, "localhost")
    data = folder / "data"
    data.mkdir()
    config = folder / "slapd.conf"
    config.write_text(_config(certificate, data, limits))
    entries = folder / "entries.ldif"
    entries.write_text(entries_text or ENTRIES)
    slapadd = str(Path(slapd).with_name("slapadd"))
    subprocess.run([slapadd, "-f", str(config), "-l", str(entries)], check=True, capture_output=True)
    plain, tls = _free_port(), _free_port()
    process = subprocess.Popen(
        [slapd, "-f", str(config), "-h", f"ldap://127.0.0.1:{plain} ldaps://127.0.0.1:{tls}", "-d", "0"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    server = DirectoryServer(f"ldap://localhost:{plain}", f"ldaps://localhost:{tls}", certificate, process)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", tls)) == 0:
                return server
        time.sleep(0.05)
    server.stop()
    raise AssertionError("slapd did not start")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _config(certificate: Path, data: Path, limits: str) -> str:
    schemas = next(
        Path(place)
        for place in ("/etc/ldap/schema", "/etc/openldap/schema", "/opt/homebrew/etc/openldap/schema")
        if Path(place).is_dir()
    )
    modules = next((place for place in ("/usr/lib/ldap", "/usr/lib64/openldap") if Path(place).is_dir()), "")
    return "\n".join(
        [
            *(f"include {schemas}/{name}.schema" for name in ("core", "cosine", "inetorgperson")),
            *([f"modulepath {modules}", "moduleload back_mdb"] if modules else []),
            f"TLSCACertificateFile {certificate}",
            f"TLSCertificateFile {certificate}",
            f"TLSCertificateKeyFile {certificate}",
            "database mdb",
            f"suffix {SUFFIX}",
            f"directory {data}",
            f"rootdn {ROOT}",
            f"rootpw {ROOT_PASSWORD}",
            *([f'limits dn.exact="{SERVICE}" {limits}'] if limits else []),
            "access to attrs=userPassword by anonymous auth by * none",
            f'access to * by dn.exact="{SERVICE}" read by self read by * none',
            "",
        ]
    )


def _person(name: str, full_name: str, mail: str = "") -> str:
    return f"""dn: uid={name},ou=people,{SUFFIX}
objectClass: inetOrgPerson
uid: {name}
cn: {full_name}
sn: {full_name.split()[-1]}
mail: {mail or name + "@example.org"}
userPassword: {name}-password

"""


def _group(name: str, *members: str) -> str:
    rows = "".join(f"member: {member}\n" for member in members)
    return f"dn: cn={name},ou=groups,{SUFFIX}\nobjectClass: groupOfNames\ncn: {name}\n{rows}\n"


BASE = (
    f"dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: example\n\n"
    f"dn: {SERVICE}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: portal\n"
    "userPassword: service-password\n\n"
    f"dn: ou=people,{SUFFIX}\nobjectClass: organizationalUnit\nou: people\n\n"
    f"dn: ou=groups,{SUFFIX}\nobjectClass: organizationalUnit\nou: groups\n\n"
)
ENTRIES = (
    BASE
    + f"dn: ou=twins,{SUFFIX}\nobjectClass: organizationalUnit\nou: twins\n\n"
    + _person("ada", "Ada Lovelace")
    + _person("grace", "Grace Hopper")
    + _person("twin", "First Twin")
    + f"dn: uid=twin,ou=twins,{SUFFIX}\nobjectClass: inetOrgPerson\nuid: twin\ncn: Second Twin\nsn: Twin\n"
    "userPassword: twin-password\n\n"
    f"dn: uid=elsewhere,ou=people,{SUFFIX}\nobjectClass: referral\nobjectClass: extensibleObject\nuid: elsewhere\n"
    f"ref: ldap://192.0.2.1/uid=elsewhere,ou=people,{SUFFIX}\n\n"
    + _group("crew", f"uid=ada,ou=people,{SUFFIX}")
    + _group("company", f"cn=crew,ou=groups,{SUFFIX}")
    + _group("world", f"cn=company,ou=groups,{SUFFIX}", f"cn=ring,ou=groups,{SUFFIX}")
    + _group("ring", f"cn=world,ou=groups,{SUFFIX}")
)
