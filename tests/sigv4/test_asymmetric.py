"""SigV4A: keys, signatures and what is refused of them (SV5, NT-10)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from akia.aws.errors import AwsError, Family, IncompleteSignature, InvalidClientTokenId, MissingAuthenticationToken, SignatureDoesNotMatch
from akia.sigv4 import Algorithm, Expectation, SignedRequest, SigningSecret, asymmetric, read, refuse_unknown_key, verify
from akia.sigv4.asymmetric import is_signed_by, private_key, private_scalar, public_key
from akia.sigv4.scope import covers

if TYPE_CHECKING:
    from tests.sigv4.conftest import Client

pytestmark = pytest.mark.covers("I2.sigv4.sigv4a")

KEY_ID, SECRET = "AKIAIOSFODNN7EXAMPLE", b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
STS = Expectation(Family.QUERY, ("sts",), sigv4a=True)
NOW = 1440938160
MESSAGE = b"message"


def _sign(message: bytes) -> bytes:
    private = ec.derive_private_key(private_key(KEY_ID, SECRET), ec.SECP256R1())
    return private.sign(message, ec.ECDSA(SHA256()))


def _request(
    region_set: bytes | None = b"us-east-1",
    *,
    scope: bytes = b"20150830/sts/aws4_request",
    algorithm: bytes = b"AWS4-ECDSA-P256-SHA256",
    signature: bytes | None = None,
) -> SignedRequest:
    headers = [(b"host", b"h"), (b"x-amz-date", b"20150830T123600Z")]
    if region_set is not None:
        headers.append((b"x-amz-region-set", region_set))
    listed = b";".join(name for name, _ in headers)
    lines = b"".join(b"%b:%b\n" % header for header in headers)
    body_hash = hashlib.sha256(b"").hexdigest().encode()
    canonical = b"POST\n/\n\n%b\n%b\n%b" % (lines, listed, body_hash)
    to_sign = b"%b\n20150830T123600Z\n%b\n%b" % (algorithm, scope, hashlib.sha256(canonical).hexdigest().encode())
    proof = _sign(to_sign).hex().encode() if signature is None else signature
    value = b"%b Credential=%b/%b, SignedHeaders=%b, Signature=%b" % (algorithm, KEY_ID.encode(), scope, listed, proof)
    return SignedRequest(b"POST", b"/", b"", [*headers, (b"authorization", value)], b"")


def _accept(request: SignedRequest, expected: Expectation = STS) -> tuple[str, ...]:
    presented = read(request, expected, NOW)
    verify(presented, SigningSecret(SECRET))
    return presented.region_set


def _refusal(request: SignedRequest, expected: Expectation = STS) -> AwsError:
    with pytest.raises(AwsError) as caught:
        _accept(request, expected)
    return caught.value


def test_sv5_1_edge_of_the_key_derivation() -> None:
    assert private_scalar(0) == 1
    assert private_scalar(ORDER - 2) == ORDER - 1
    assert private_scalar(ORDER - 1) is None
    assert private_scalar(2**256 - 1) is None


def test_nt_10_the_counter_moves_on_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    counters: list[int] = []

    def rejecting(accepted: int) -> None:
        def digest(key: bytes, message: bytes, _: str) -> bytes:
            assert key == b"AWS4A" + SECRET
            assert message[:-5] == b"\0\0\0\1AWS4-ECDSA-P256-SHA256\0" + KEY_ID.encode()
            assert message[-4:] == b"\0\0\1\0"
            counters.append(message[-5])
            return (bytes(31) + b"\7") if message[-5] == accepted else b"\xff" * 32

        monkeypatch.setattr(asymmetric, "digest", digest)

    rejecting(3)
    assert private_key(KEY_ID, SECRET) == 8
    rejecting(254)
    assert private_key(KEY_ID, SECRET) == 8
    assert counters == [1, 2, 3, *range(1, 255)]
    rejecting(255)
    with pytest.raises(ValueError, match="no SigV4A key"):
        private_key(KEY_ID, SECRET)


def test_sv5_6_high_and_low_s_both_verify_so_signatures_are_no_identity() -> None:
    key = public_key(KEY_ID, SECRET)
    one, other = _sign(MESSAGE), _sign(MESSAGE)
    assert one != other
    r, s = decode_dss_signature(one)
    for der in (one, other, encode_dss_signature(r, ORDER - s)):
        assert is_signed_by(key, der.hex().encode(), MESSAGE)


def test_nt_10_malformed_ecdsa_signatures() -> None:
    key, der = public_key(KEY_ID, SECRET), _sign(MESSAGE)
    r, s = decode_dss_signature(der)
    assert is_signed_by(key, der.hex().encode(), MESSAGE)
    r_length = der[3]
    padded_r = b"\x30" + bytes([der[1] + 1]) + b"\x02" + bytes([r_length + 1]) + b"\0" + der[4:]
    bad = {
        "trailing byte": der + b"\0",
        "cut": der[:-1],
        "r zero": encode_dss_signature(0, s),
        "s zero": encode_dss_signature(r, 0),
        "both zero": encode_dss_signature(0, 0),
        "r beyond the order": encode_dss_signature(r + ORDER, s) if r + ORDER < 2**256 else encode_dss_signature(ORDER, s),
        "s is the order": encode_dss_signature(r, ORDER),
        "long form of the length": b"\x30\x81" + der[1:],
        "zero before r": padded_r,
        "no sequence": der[2:],
        "swapped": encode_dss_signature(s, r),
        "64 raw bytes": r.to_bytes(32, "big") + s.to_bytes(32, "big"),
        "nothing": b"",
    }
    for name, wrong in bad.items():
        assert not is_signed_by(key, wrong.hex().encode(), MESSAGE), name
    hexadecimal = der.hex().encode()
    for text in (hexadecimal.upper(), hexadecimal + b"*", b" " + hexadecimal, hexadecimal + b"\n", hexadecimal[:-1], b"zz" * 70):
        assert not is_signed_by(key, text, MESSAGE)
    assert not is_signed_by(key, hexadecimal, MESSAGE + b"x")


def test_sv5_5_sts_takes_sigv4a() -> None:
    assert _accept(_request()) == ("us-east-1",)


def test_nt_10_sigv4a_where_it_is_not_offered() -> None:
    error = _refusal(_request(), Expectation(Family.QUERY, ("sts",)))
    assert (type(error), error.message) == (IncompleteSignature, "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'.")
    query = b"X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256"
    request = SignedRequest(b"GET", b"/", query, [(b"host", b"h")], b"")
    assert isinstance(_refusal(request, Expectation(Family.QUERY, ("sts",))), MissingAuthenticationToken)
    assert isinstance(_refusal(request), IncompleteSignature)


def test_nt_10_sigv4a_carrying_an_hmac(client: Client) -> None:
    client.secret = SECRET
    hmac_signature = client.sign().headers[-1][1].rpartition(b"=")[2]
    assert isinstance(_refusal(_request(signature=hmac_signature)), SignatureDoesNotMatch)


def test_nt_10_sigv4_carrying_an_ecdsa_signature() -> None:
    request = _request(None, scope=b"20150830/us-east-1/sts/aws4_request", algorithm=b"AWS4-HMAC-SHA256")
    assert isinstance(_refusal(request), SignatureDoesNotMatch)


@pytest.mark.parametrize("region_set", [b"*", b"us-*", b"us-east-*", b"eu-west-1,us-east-1", b"eu-west-1, us-*"])
def test_sv5_4_region_set_covers_the_endpoint(region_set: bytes) -> None:
    _accept(_request(region_set), Expectation(Family.QUERY, ("sts",), sigv4a=True, region="us-east-1"))


@pytest.mark.parametrize(
    "region_set", [None, b"", b"eu-west-1", b"eu-*", b"us-east-1x", b"us-east-1,", b"**", b"*-1", b"us-east-1\xff", b"?"]
)
def test_nt_10_region_set_does_not_cover_the_endpoint(region_set: bytes | None) -> None:
    error = _refusal(_request(region_set), Expectation(Family.QUERY, ("sts",), sigv4a=True, region="us-east-1"))
    assert isinstance(error, SignatureDoesNotMatch)
    assert error.message.startswith("Credential should be scoped to a valid region, not '")


@pytest.mark.parametrize("region_set", [None, b"", b",", b"us-east-1,", b"**", b"-*", b"us--east"])
def test_sv5_4_without_a_fixed_region_the_set_must_still_be_one(region_set: bytes | None) -> None:
    assert not covers(region_set, None)
    assert isinstance(_refusal(_request(region_set)), SignatureDoesNotMatch)


@pytest.mark.parametrize("scope", [b"20150830/us-east-1/sts/aws4_request", b"20150830/sts"])
def test_rule_12_sigv4a_scope_has_no_region(scope: bytes) -> None:
    text = f"Credential must have exactly 4 slash-delimited elements, e.g. keyid/date/service/term, got '{KEY_ID}/{scope.decode()}'"
    assert _refusal(_request(scope=scope)).message == text


def test_nt_14_an_unknown_key_costs_a_verification_in_sigv4a_too() -> None:
    presented = read(_request(), STS, NOW)
    assert presented.algorithm is Algorithm.V4A
    with pytest.raises(InvalidClientTokenId):
        refuse_unknown_key(presented)
