"""TLS: a private authority that is made and renewed, or files that somebody else has made."""

from __future__ import annotations

import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from cryptography import x509

from akia.cli.certificates import names
from akia.http.tls import PrivateAuthority, TlsError, check_pair
from akia.settings import Settings

pytestmark = pytest.mark.covers("I2.program.tls")

NOW = datetime(2030, 1, 1, tzinfo=UTC)
NAMES = {"localhost", "127.0.0.1", "::1", "akia.example.com"}


@pytest.fixture
def authority(tmp_path: Path) -> PrivateAuthority:
    made = PrivateAuthority(tmp_path / "tls")
    made.certify(NAMES, NOW)
    return made


def loaded(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_the_authority_lasts_ten_years_and_the_certificate_397_days(authority: PrivateAuthority) -> None:
    bundle, certificate = loaded(authority.bundle), loaded(authority.certificate)
    assert bundle.not_valid_after_utc - NOW == timedelta(days=3653)
    assert certificate.not_valid_after_utc - NOW == timedelta(days=397)
    certificate.verify_directly_issued_by(bundle)
    assert bundle.extensions.get_extension_for_class(x509.BasicConstraints).value == x509.BasicConstraints(ca=True, path_length=0)
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_the_certificate_is_for_every_name_that_leads_here(authority: PrivateAuthority) -> None:
    held = loaded(authority.certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {str(name.value) for name in held} == NAMES
    here = Settings(Path("/data"), host="192.0.2.7", tls=True, public_url="https://akia.example.com:8443")
    assert names(here) >= {"localhost", "127.0.0.1", "::1", "192.0.2.7", "akia.example.com"}
    assert "0.0.0.0" not in names(Settings(Path("/data"), host="0.0.0.0", tls=True))


def test_the_certificate_is_renewed_in_its_last_thirty_days_and_the_authority_stays(authority: PrivateAuthority) -> None:
    bundle, first = authority.bundle.read_bytes(), authority.certificate.read_bytes()
    authority.certify(NAMES, NOW + timedelta(days=366))
    assert authority.certificate.read_bytes() == first
    authority.certify(NAMES, NOW + timedelta(days=368))
    assert authority.certificate.read_bytes() != first
    assert authority.bundle.read_bytes() == bundle


def test_other_names_make_a_new_certificate(authority: PrivateAuthority) -> None:
    first = authority.certificate.read_bytes()
    authority.certify(NAMES | {"other.example.com"}, NOW)
    assert authority.certificate.read_bytes() != first
    check_pair(authority.certificate, authority.key)


def test_an_authority_that_ends_is_replaced_and_never_outlived(authority: PrivateAuthority) -> None:
    bundle = authority.bundle.read_bytes()
    authority.certify(NAMES, NOW + timedelta(days=3600))
    assert loaded(authority.certificate).not_valid_after_utc == loaded(authority.bundle).not_valid_after_utc
    authority.certify(NAMES, NOW + timedelta(days=3640))
    assert authority.bundle.read_bytes() != bundle


def test_a_key_without_its_certificate_is_made_anew(authority: PrivateAuthority) -> None:
    # the program ended between writing the two
    other = PrivateAuthority(authority.bundle.parent.parent / "other")
    other.certify(NAMES, NOW)
    authority.key.write_bytes(other.key.read_bytes())
    authority.certify(NAMES, NOW)
    check_pair(authority.certificate, authority.key)


def test_what_cannot_be_read_is_told(authority: PrivateAuthority, tmp_path: Path) -> None:
    authority.bundle.write_text("no certificate")
    with pytest.raises(TlsError, match="cannot be used"):
        authority.certify(NAMES, NOW)
    with pytest.raises(TlsError, match="cannot be read"):
        check_pair(tmp_path / "none.pem", tmp_path / "none.key")
    with pytest.raises(TlsError, match="are not a certificate and its private key"):
        check_pair(authority.key, authority.certificate)


def test_https_with_the_private_authority_works_by_the_profile_alone(home: Any) -> None:
    served = home.up("--tls", umask=0)
    assert served.endpoint.startswith("https://127.0.0.1:")
    assert "TLS with a certificate of a private authority" in served.said
    assert home.client("sts").get_caller_identity()["Arn"].endswith(":user/administrator")
    trusting = ssl.create_default_context(cafile=home.profile()["ca_bundle"])
    for host in ("localhost", "127.0.0.1"):
        with urlopen(f"https://{host}:{served.port}/healthz", context=trusting) as answer:
            assert answer.read() == b"ok\n"
    assert [path.name for path in (home.data / "tls").iterdir() if stat.S_IMODE(path.stat().st_mode) != 0o600] == []


def test_https_with_files_of_ones_own(home: Any, tmp_path: Path) -> None:
    authority = PrivateAuthority(tmp_path / "mine")
    authority.certify({"127.0.0.1"})
    served = home.up("--tls-cert", str(authority.certificate), "--tls-key", str(authority.key))
    with urlopen(f"{served.endpoint}/healthz", context=ssl.create_default_context(cafile=authority.bundle)) as answer:
        assert answer.status == 200
    assert "ca_bundle" not in home.profile()
    refused = home.run("up", "--data", str(home.path / "other"), "--tls-cert", str(authority.key), "--tls-key", str(authority.key))
    assert refused.code == 2
    assert "are not a certificate and its private key" in refused.err
