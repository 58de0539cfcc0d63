"""MFA devices through an unmodified boto3: made, enabled by two codes in a row, resynchronized, listed, deactivated, deleted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from pyotp import HOTP
from tests.signin import STEP, Clock, Device

from akia.identity.mfa_device import MfaDevice
from akia.services.iam import virtual_mfa_devices

if TYPE_CHECKING:
    from akia.testing.in_process import InProcess

Refusal = Callable[..., tuple[str, str]]
UserClient = Callable[..., Any]

WRONG = ("InvalidAuthenticationCode", "Authentication code for device is not valid.")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock.of(monkeypatch)


@pytest.fixture
def alice(iam: Any) -> str:
    iam.create_user(UserName="alice")
    return "alice"


@pytest.fixture
def phone(iam: Any, clock: Clock) -> Device:
    return Device(iam, "phone", clock)


def enable(iam: Any, device: Device, user: str = "alice", steps: int = 0) -> Device:
    iam.enable_mfa_device(UserName=user, SerialNumber=device.serial, **device.pair(steps))
    return device


def stored(akia: InProcess, device: Device) -> MfaDevice:
    found = akia.akia.store.mfa_devices.get(device.serial)
    assert found is not None
    return found


def serials(answer: Any) -> list[str]:
    return [device["SerialNumber"] for device in answer.get("MFADevices", answer.get("VirtualMFADevices"))]


# Virtual devices


def test_a_new_device_has_a_seed_and_a_picture_of_it(iam: Any, account: str) -> None:
    iam.create_account_alias(AccountAlias="acme")
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone", Path="/ops/", Tags=[{"Key": "k", "Value": "v"}])["VirtualMFADevice"]
    assert made["SerialNumber"] == f"arn:aws:iam::{account}:mfa/ops/phone"
    assert len(made["Base32StringSeed"]) == 64
    assert made["QRCodePNG"].startswith(b"\x89PNG")
    assert made["Tags"] == [{"Key": "k", "Value": "v"}]
    assert "User" not in made and "EnableDate" not in made


def test_the_picture_holds_the_seed() -> None:
    """What is painted is what an authenticator app reads; that segno paints QR codes is its own affair."""
    painted: list[str] = []

    class Painter:
        @staticmethod
        def make_qr(text: str) -> Any:
            painted.append(text)
            return type("Picture", (), {"save": lambda self, out, **_: out.write(b"png")})()

    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(__import__("sys").modules, "segno", Painter)
        seeded = virtual_mfa_devices._prepare(({"VirtualMFADeviceName": "my+phone"}, "acme"))
    assert painted == [f"otpauth://totp/akia:my%2Bphone@acme?secret={seeded.seed}&issuer=akia"]
    assert seeded.picture == b"png" and seeded.seed not in repr(seeded)


def test_names_are_unique_on_their_path(iam: Any, phone: Device, refusal: Refusal) -> None:
    exists = ("EntityAlreadyExists", "MFADevice entity at the same path and name already exists.")
    assert refusal(iam.create_virtual_mfa_device, VirtualMFADeviceName="phone") == exists
    iam.create_virtual_mfa_device(VirtualMFADeviceName="phone", Path="/other/")
    assert refusal(iam.create_virtual_mfa_device, VirtualMFADeviceName="n" * 250)[0] == "ValidationError"


@pytest.mark.parametrize("name", ["x" * 227, "x" * 3_000, "=" * 1_000])
def test_a_name_that_makes_the_serial_number_too_long_is_refused(iam: Any, refusal: Refusal, name: str) -> None:
    """The model bounds the serial number but not the name. Nor could a picture hold such a name."""
    code, message = refusal(iam.create_virtual_mfa_device, VirtualMFADeviceName=name)
    assert code == "ValidationError"
    assert message.endswith("characters; it may have 256.")
    assert iam.create_virtual_mfa_device(VirtualMFADeviceName="=" * 226)["VirtualMFADevice"]["QRCodePNG"]


def test_a_path_that_no_serial_number_may_have_is_refused(iam: Any, refusal: Refusal) -> None:
    """The model allows `/a!/` as a path, but in no serial number: such a device could be neither enabled nor deleted."""
    code, message = refusal(iam.create_virtual_mfa_device, VirtualMFADeviceName="phone", Path="/a!/")
    assert (code, message) == ("ValidationError", "The serial number would have characters that serial numbers may not have.")
    assert iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []


def test_devices_are_listed_by_assignment_and_in_pages(iam: Any, clock: Clock, alice: str, account: str) -> None:
    devices = [Device(iam, name, clock) for name in ("a", "b", "c")]
    enable(iam, devices[1])
    assert serials(iam.list_virtual_mfa_devices()) == [device.serial for device in devices]
    assert serials(iam.list_virtual_mfa_devices(AssignmentStatus="Unassigned")) == [devices[0].serial, devices[2].serial]
    (assigned,) = iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
    assert assigned["User"]["Arn"] == f"arn:aws:iam::{account}:user/alice"
    assert assigned["EnableDate"] and not assigned.keys() & {"Base32StringSeed", "QRCodePNG", "Tags"}
    pages = list(iam.get_paginator("list_virtual_mfa_devices").paginate(PaginationConfig={"PageSize": 2}))
    assert [serials(page) for page in pages] == [[devices[0].serial, devices[1].serial], [devices[2].serial]]


def test_pages_go_on_after_the_longest_serial_number(iam: Any, clock: Clock) -> None:
    made = [Device(iam, letter * 226, clock).serial for letter in ("a", "b")]
    assert {len(serial) for serial in made} == {256}
    pages = iam.get_paginator("list_virtual_mfa_devices").paginate(PaginationConfig={"PageSize": 1})
    assert [serials(page) for page in pages] == [[made[0]], [made[1]]]


def test_a_device_in_use_is_not_deleted(iam: Any, phone: Device, alice: str, refusal: Refusal) -> None:
    enable(iam, phone)
    in_use = ("DeleteConflict", "MFA VirtualDevice in use. Must deactivate first.")
    assert refusal(iam.delete_virtual_mfa_device, SerialNumber=phone.serial) == in_use
    iam.deactivate_mfa_device(UserName="alice", SerialNumber=phone.serial)
    iam.delete_virtual_mfa_device(SerialNumber=phone.serial)
    gone = ("NoSuchEntity", f"VirtualMFADevice with serial number {phone.serial} doesn't exist.")
    assert refusal(iam.delete_virtual_mfa_device, SerialNumber=phone.serial) == gone
    assert refusal(iam.enable_mfa_device, UserName="alice", SerialNumber=phone.serial, **phone.pair()) == gone


def test_there_is_a_quota_of_virtual_devices(iam: Any, akia: InProcess, phone: Device, refusal: Refusal) -> None:
    akia.akia.authority.quotas = replace(akia.akia.authority.quotas, virtual_mfa_devices_per_account=1)
    assert refusal(iam.create_virtual_mfa_device, VirtualMFADeviceName="second")[0] == "LimitExceeded"


# Enabling


def test_two_codes_in_a_row_enable_a_device(iam: Any, phone: Device, alice: str) -> None:
    assert iam.list_mfa_devices(UserName="alice")["MFADevices"] == []
    enable(iam, phone)
    (listed,) = iam.list_mfa_devices(UserName="alice")["MFADevices"]
    assert (listed["UserName"], listed["SerialNumber"]) == ("alice", phone.serial)
    assert listed["EnableDate"]


@pytest.mark.parametrize(("first", "second"), [(0, 0), (0, -1), (-2, 0), (-5, -4), (4, 5)])
def test_other_codes_do_not(iam: Any, phone: Device, alice: str, refusal: Refusal, first: int, second: int) -> None:
    codes = {"AuthenticationCode1": phone.code(first), "AuthenticationCode2": phone.code(second)}
    assert refusal(iam.enable_mfa_device, UserName="alice", SerialNumber=phone.serial, **codes) == WRONG
    assert iam.list_mfa_devices(UserName="alice")["MFADevices"] == []


def test_a_device_that_is_late_is_bound_with_its_drift(iam: Any, phone: Device, alice: str, akia: InProcess) -> None:
    enable(iam, phone, steps=-2)
    assert stored(akia, phone).drift == -2


def test_nt_38_pairs_of_codes_are_not_guessed_quickly(
    iam: Any, phone: Device, alice: str, refusal: Refusal, clock: Clock, akia: InProcess
) -> None:
    guess = {"UserName": "alice", "SerialNumber": phone.serial}
    for _ in range(5):
        assert refusal(iam.enable_mfa_device, **guess, AuthenticationCode1="000000", AuthenticationCode2="000000") == WRONG
    assert stored(akia, phone).failures == 5
    assert refusal(iam.enable_mfa_device, **guess, **phone.pair()) == WRONG  # right, and too early: nothing tells
    assert stored(akia, phone).failures == 5
    clock.move(16)
    enable(iam, phone)
    assert stored(akia, phone).failures == 0


def test_a_device_serves_one_user_and_a_user_has_eight_at_most(iam: Any, clock: Clock, alice: str, phone: Device, refusal: Refusal) -> None:
    enable(iam, phone)
    iam.create_user(UserName="bob")
    clock.move(2 * STEP)
    in_use = ("EntityAlreadyExists", "MFA Device is already in use.")
    assert refusal(iam.enable_mfa_device, UserName="bob", SerialNumber=phone.serial, **phone.pair()) == in_use
    for number in range(7):
        enable(iam, Device(iam, f"n{number}", clock))
    ninth = Device(iam, "ninth", clock)
    too_many = ("LimitExceeded", "Cannot exceed quota for MFADevicesPerUser: 8")
    assert refusal(iam.enable_mfa_device, UserName="alice", SerialNumber=ninth.serial, **ninth.pair()) == too_many
    pages = list(iam.get_paginator("list_mfa_devices").paginate(UserName="alice", PaginationConfig={"PageSize": 5}))
    assert [len(page["MFADevices"]) for page in pages] == [5, 3]


def test_the_codes_that_enabled_a_device_do_not_enable_it_again(iam: Any, phone: Device, alice: str, refusal: Refusal) -> None:
    pair = phone.pair()
    iam.enable_mfa_device(UserName="alice", SerialNumber=phone.serial, **pair)
    iam.deactivate_mfa_device(UserName="alice", SerialNumber=phone.serial)
    assert refusal(iam.enable_mfa_device, UserName="alice", SerialNumber=phone.serial, **pair) == WRONG


def test_p5_3_5_a_user_with_a_device_cannot_be_deleted(iam: Any, phone: Device, alice: str, refusal: Refusal) -> None:
    enable(iam, phone)
    assert refusal(iam.delete_user, UserName="alice") == ("DeleteConflict", "Cannot delete entity, must delete MFA device first.")
    iam.deactivate_mfa_device(UserName="alice", SerialNumber=phone.serial)
    iam.delete_user(UserName="alice")
    assert serials(iam.list_virtual_mfa_devices()) == [phone.serial]


# Resynchronizing


def test_a_device_that_has_drifted_away_is_brought_back(iam: Any, phone: Device, alice: str, akia: InProcess, refusal: Refusal) -> None:
    enable(iam, phone)
    phone.ahead = 20 * 60
    iam.resync_mfa_device(UserName="alice", SerialNumber=phone.serial, **phone.pair())
    assert abs(stored(akia, phone).drift - 40) <= 1
    pair = phone.pair()
    assert refusal(iam.resync_mfa_device, UserName="alice", SerialNumber=phone.serial, **pair) == WRONG  # used
    phone.ahead = 2 * 3600
    assert refusal(iam.resync_mfa_device, UserName="alice", SerialNumber=phone.serial, **phone.pair()) == WRONG


def test_only_the_users_own_device_is_resynchronized_or_deactivated(iam: Any, phone: Device, alice: str, refusal: Refusal) -> None:
    iam.create_user(UserName="bob")
    for _ in range(2):  # at first it is nobody's, then alice's
        for call, codes in ((iam.resync_mfa_device, phone.pair()), (iam.deactivate_mfa_device, {})):
            assert refusal(call, UserName="bob", SerialNumber=phone.serial, **codes)[0] == "NoSuchEntity"
        if not iam.list_mfa_devices(UserName="alice")["MFADevices"]:
            enable(iam, phone)
    assert serials(iam.list_mfa_devices(UserName="alice")) == [phone.serial]


# Root, and who may


def test_contested_root_calls_itself_root_where_the_model_wants_a_name(
    iam: Any, phone: Device, clock: Clock, account: str, akia: InProcess, user_client: UserClient, refusal: Refusal
) -> None:
    enable(iam, phone, user="root")
    assert stored(akia, phone).owner == account
    (listed,) = iam.list_mfa_devices()["MFADevices"]
    assert listed["SerialNumber"] == phone.serial and "UserName" not in listed
    (virtual,) = iam.list_virtual_mfa_devices()["VirtualMFADevices"]
    assert virtual["User"]["Arn"] == f"arn:aws:iam::{account}:root"
    admin = user_client("admin", {"Effect": "Allow", "Action": "*", "Resource": "*"})
    for name in ("root", account):
        assert refusal(admin.deactivate_mfa_device, UserName=name, SerialNumber=phone.serial)[0] == "NoSuchEntity"  # NT-42
    assert refusal(admin.deactivate_mfa_device, SerialNumber=phone.serial)[0] == "NoSuchEntity"
    iam.deactivate_mfa_device(SerialNumber=phone.serial)
    iam.create_user(UserName="root")
    clock.move(2 * STEP)
    enable(iam, phone, user="root")  # a user who has that name comes first
    assert stored(akia, phone).owner != account


def test_b9_a_user_cares_for_its_own_device(user_client: UserClient, clock: Clock, refusal: Refusal) -> None:
    own = {"Effect": "Allow", "Action": "iam:*MFADevice*", "Resource": ["arn:aws:iam::*:user/eve", "arn:aws:iam::*:mfa/eve"]}
    eve = user_client("eve", own)
    user_client("alice")
    device = enable(eve, Device(eve, "eve", clock), user="eve")
    assert serials(eve.list_mfa_devices()) == [device.serial]
    assert refusal(eve.create_virtual_mfa_device, VirtualMFADeviceName="other")[0] == "AccessDenied"
    assert refusal(eve.enable_mfa_device, UserName="alice", SerialNumber=device.serial, **device.pair())[0] == "AccessDenied"
    assert refusal(eve.list_mfa_devices, UserName="alice")[0] == "AccessDenied"
    assert refusal(eve.list_virtual_mfa_devices)[0] == "AccessDenied"
    eve.deactivate_mfa_device(SerialNumber=device.serial)
    eve.delete_virtual_mfa_device(SerialNumber=device.serial)


def test_who_gives_tags_must_be_allowed_to(user_client: UserClient, refusal: Refusal) -> None:
    eve = user_client("eve", {"Effect": "Allow", "Action": "iam:CreateVirtualMFADevice", "Resource": "*"})
    tagged = {"VirtualMFADeviceName": "phone", "Tags": [{"Key": "k", "Value": "v"}]}
    assert "iam:TagMFADevice" in refusal(eve.create_virtual_mfa_device, **tagged)[1]
    eve.create_virtual_mfa_device(VirtualMFADeviceName="phone")


def test_tags_of_devices(iam: Any, phone: Device, user_client: UserClient, refusal: Refusal) -> None:
    numbered = {"SerialNumber": phone.serial}
    iam.tag_mfa_device(**numbered, Tags=[{"Key": "Team", "Value": "blue"}, {"Key": "b", "Value": "1"}])
    iam.tag_mfa_device(**numbered, Tags=[{"Key": "team", "Value": "red"}])
    assert iam.list_mfa_device_tags(**numbered)["Tags"] == [{"Key": "b", "Value": "1"}, {"Key": "team", "Value": "red"}]
    first = iam.list_mfa_device_tags(**numbered, MaxItems=1)
    assert [tag["Key"] for tag in iam.list_mfa_device_tags(**numbered, Marker=first["Marker"])["Tags"]] == ["team"]
    red = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    eve = user_client("eve", {"Effect": "Allow", "Action": "iam:UntagMFADevice", "Resource": phone.serial, "Condition": red})
    assert refusal(eve.tag_mfa_device, **numbered, Tags=[{"Key": "k", "Value": "v"}])[0] == "AccessDenied"
    eve.untag_mfa_device(**numbered, TagKeys=["TEAM", "none"])
    assert refusal(eve.untag_mfa_device, **numbered, TagKeys=["b"])[0] == "AccessDenied"
    many = [{"Key": f"k{number}", "Value": ""} for number in range(50)]
    assert refusal(iam.tag_mfa_device, **numbered, Tags=many)[0] == "LimitExceeded"
    assert refusal(iam.tag_mfa_device, **numbered, Tags=[{"Key": "aws:k", "Value": ""}])[0] == "InvalidInput"
    nothing: dict[str, list[Any]]
    for call, nothing in ((iam.tag_mfa_device, {"Tags": []}), (iam.untag_mfa_device, {"TagKeys": []}), (iam.list_mfa_device_tags, {})):
        assert refusal(call, SerialNumber=phone.serial + "x", **nothing)[0] == "NoSuchEntity"


def test_devices_of_another_account_are_not_there(iam: Any, phone: Device, akia: InProcess, stranger: Any, refusal: Refusal) -> None:
    theirs = MfaDevice(f"arn:aws:iam::{stranger.user.account}:mfa/phone", stranger.user.account, "phone", "/", 1)
    akia.akia.store.mfa_devices.add(theirs, phone.seed)
    iam.create_user(UserName="bob")
    assert serials(iam.list_virtual_mfa_devices()) == [phone.serial]
    numbered = {"SerialNumber": theirs.serial}
    calls: list[tuple[Any, dict[str, Any]]] = [
        (iam.enable_mfa_device, {"UserName": "bob", **phone.pair()}),
        (iam.delete_virtual_mfa_device, {}),
        (iam.tag_mfa_device, {"Tags": []}),
        (iam.list_mfa_device_tags, {}),
        (iam.get_mfa_device, {}),
    ]
    for call, more in calls:
        assert refusal(call, **numbered, **more)[0] == "NoSuchEntity"
    assert akia.akia.store.mfa_devices.get(theirs.serial) == theirs


def test_no_seed_and_no_code_is_in_an_event_or_in_the_database(iam: Any, phone: Device, alice: str, akia: InProcess) -> None:
    pair = phone.pair()
    iam.enable_mfa_device(UserName="alice", SerialNumber=phone.serial, **pair)
    akia.akia.authority.drain()
    store = akia.akia.store
    records = [row[0] for row in store.connection.execute("SELECT record FROM events WHERE name LIKE '%MFA%'")]
    assert len(records) == 2 and all(phone.serial in record for record in records)
    hidden = [phone.seed, *(f'"{code}"' for code in pair.values()), "base32StringSeed", "qRCodePNG", "authenticationCode"]
    assert not any(text in record for record in records for text in hidden)
    store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert phone.seed.encode() not in (akia.directory / "akia.db").read_bytes()
    assert store.mfa_devices.seed(phone.serial) == phone.seed


def test_a_seed_that_was_moved_to_another_device_does_not_open(iam: Any, phone: Device, clock: Clock, akia: InProcess, alice: str) -> None:
    other = Device(iam, "other", clock)
    sealed = "(SELECT sealed FROM mfa_devices WHERE serial = :serial)"
    akia.akia.store.connection.execute(f"UPDATE mfa_devices SET sealed = {sealed}", serial=other.serial)
    with pytest.raises(ClientError, match="ServiceUnavailable"):
        enable(iam, phone)
    enable(iam, other)


def test_codes_are_those_of_rfc_6238() -> None:
    assert HOTP("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").at(59 // STEP) == "287082"
