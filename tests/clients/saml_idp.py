"""A SAML identity provider with a login page, made of pysaml2 and xmlsec1. Runs in .venv-saml, as a program of its own.

    saml_idp.py DIRECTORY

DIRECTORY holds `config.json`: the service provider's entity id, the address it takes assertions at, the certificate (PEM) to encrypt for,
and the users with their passwords and attributes. The provider listens on a free port of 127.0.0.1 and prints its address.

    GET  /metadata        who it is, and which certificate it signs with
    GET  /sso/HOW         with SAMLRequest: a login form. HOW says what is signed and whether it is encrypted
    POST /sso/HOW         user, password and SAMLRequest: a form that a browser would post to the service provider
"""

from __future__ import annotations

import datetime
import functools
import html
import json
import shutil
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import saml2.entity  # type: ignore[import-not-found]
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.authn_context import PASSWORD  # type: ignore[import-not-found]
from saml2.config import IdPConfig  # type: ignore[import-not-found]
from saml2.metadata import entity_descriptor  # type: ignore[import-not-found]
from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID  # type: ignore[import-not-found]
from saml2.server import Server  # type: ignore[import-not-found]
from saml2.sigver import SecurityContext, pre_encryption_part  # type: ignore[import-not-found]
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256  # type: ignore[import-not-found]

HOW: dict[str, dict[str, bool]] = {
    "assertion": {"sign_assertion": True, "sign_response": False},
    "response": {"sign_assertion": False, "sign_response": True},
    "both": {"sign_assertion": True, "sign_response": True},
    "encrypted": {"sign_assertion": True, "sign_response": True, "encrypt_assertion": True},
    "unsigned": {"sign_assertion": False, "sign_response": False},
}
AES_GCM = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
# pysaml2's own choice is triple DES, which akia does not read
saml2.entity.pre_encryption_part = functools.partial(pre_encryption_part, msg_enc=AES_GCM)
SecurityContext.encrypt_assertion = functools.partialmethod(SecurityContext.encrypt_assertion, key_type="aes-256")


def make_key(directory: Path) -> None:
    """A key pair for signing, in `key.pem` and `cert.pem`."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "idp")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.TraditionalOpenSSL
    (directory / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    (directory / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def service_provider(config: dict[str, Any]) -> str:
    """The metadata of who asks for logins."""
    certificate = "".join(line for line in config["certificate"].splitlines() if not line.startswith("-----"))
    return (
        f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
        f' entityID="{config["service_provider"]}"><md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        f'<md:KeyDescriptor use="encryption"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate>'
        "</ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        f'<md:AssertionConsumerService index="0" Binding="{BINDING_HTTP_POST}" Location="{config["consumer"]}"/>'
        "</md:SPSSODescriptor></md:EntityDescriptor>"
    )


def make_server(directory: Path, config: dict[str, Any], address: str) -> Server:
    make_key(directory)
    (directory / "sp.xml").write_text(service_provider(config))
    settings = {
        "entityid": f"{address}/metadata",
        "service": {
            "idp": {
                "endpoints": {"single_sign_on_service": [(f"{address}/sso/assertion", BINDING_HTTP_REDIRECT)]},
                "policy": {"default": {"lifetime": {"minutes": 5}, "attribute_restrictions": None}},
                "name_id_format": [NAMEID_FORMAT_PERSISTENT],
            }
        },
        "key_file": str(directory / "key.pem"),
        "cert_file": str(directory / "cert.pem"),
        "metadata": {"local": [str(directory / "sp.xml")]},
        "xmlsec_binary": shutil.which("xmlsec1"),
        "signing_algorithm": SIG_RSA_SHA256,
        "digest_algorithm": DIGEST_SHA256,
    }
    return Server(config=IdPConfig().load(settings))


class Pages(BaseHTTPRequestHandler):
    """What a browser sees."""

    idp: Server
    config: dict[str, Any]

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path == "/metadata":
            self._send(200, str(entity_descriptor(self.idp.config)), "application/samlmetadata+xml")
        elif url.path.startswith("/sso/"):
            request = parse_qs(url.query)["SAMLRequest"][0]
            self._send(200, self._form(self.path, {"SAMLRequest": request}, "<input name=user><input name=password type=password>"))
        else:
            self._send(404, "")

    def do_POST(self) -> None:
        fields = {name: values[0] for name, values in parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()).items()}
        user = self.config["users"].get(fields.get("user", ""))
        if user is None or user["password"] != fields.get("password"):
            self._send(403, "wrong user or password")
            return
        how = HOW[urlsplit(self.path).path.rpartition("/")[2]]
        request = self.idp.parse_authn_request(fields["SAMLRequest"], BINDING_HTTP_REDIRECT).message
        response = self.idp.create_authn_response(
            identity=user["attributes"],
            in_response_to=request.id,
            destination=self.config["consumer"],
            sp_entity_id=self.config["service_provider"],
            name_id=NameID(format=NAMEID_FORMAT_PERSISTENT, text=user["name_id"]),
            authn={"class_ref": PASSWORD, "authn_auth": "idp"},
            sign_alg=SIG_RSA_SHA256,
            digest_alg=DIGEST_SHA256,
            **how,
        )
        filled = self.idp.apply_binding(BINDING_HTTP_POST, str(response), self.config["consumer"], response=True)
        self._send(filled.get("status", 200), "".join(filled["data"]))

    def _form(self, action: str, hidden: dict[str, str], visible: str) -> str:
        inputs = "".join(f'<input type="hidden" name="{name}" value="{html.escape(value)}">' for name, value in hidden.items())
        return f'<form method="post" action="{html.escape(action)}">{inputs}{visible}<button>Log in</button></form>'

    def _send(self, status: int, body: str, kind: str = "text/html") -> None:
        content = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's word
        pass


def main() -> None:
    directory = Path(sys.argv[1])
    web = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    address = f"http://127.0.0.1:{web.server_address[1]}"
    Pages.config = json.loads((directory / "config.json").read_text())
    Pages.idp = make_server(directory, Pages.config, address)
    print(address, flush=True)
    web.serve_forever()


if __name__ == "__main__":
    main()
