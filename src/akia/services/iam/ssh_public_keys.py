"""SSH public keys of users: UploadSSHPublicKey, GetSSHPublicKey, ListSSHPublicKeys, UpdateSSHPublicKey, DeleteSSHPublicKey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.aws.errors import DuplicateSSHPublicKey, InvalidPublicKey, NoSuchEntity, UnrecognizedPublicKeyEncoding
from akia.aws.ids import Prefix
from akia.identity.ssh_public_key import Encoding, Material, SshPublicKey
from akia.operation import Access
from akia.services.iam import pages
from akia.services.iam._iam import iam, require_room, utc, with_fresh_id
from akia.services.iam.identities import named_user_or_caller, user_arn, user_conditions, user_named
from akia.services.iam.owners import about_owner, settable_status
from akia.store.errors import NameTaken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.identity.user import User
    from akia.operation import Context
    from akia.wire.shapes import iam as shapes

_ABOUT = about_owner()


def _read(request: shapes.UploadSSHPublicKeyRequest) -> tuple[shapes.UploadSSHPublicKeyRequest, Material]:
    """Raises UnrecognizedPublicKeyEncoding and InvalidPublicKey."""
    from akia.identity import ssh_encoding  # only here: it would slow every start

    try:
        return request, ssh_encoding.read(request["SSHPublicKeyBody"])
    except ssh_encoding.UnknownEncoding:
        raise UnrecognizedPublicKeyEncoding("The public key must be encoded in ssh-rsa format or in PEM format.") from None
    except ValueError:
        raise InvalidPublicKey("The public key is not a well-formed RSA key of at least 2048 bits.") from None


@iam.operation(
    "UploadSSHPublicKey",
    access=Access.PERMISSIONS,
    resource=user_arn,
    conditions=user_conditions,
    event_resources=_ABOUT,
    prepare=_read,
)
def upload_ssh_public_key(ctx: Context, upload: tuple[shapes.UploadSSHPublicKeyRequest, Material]) -> shapes.UploadSSHPublicKeyResponse:
    """Raises NoSuchEntity, UnrecognizedPublicKeyEncoding, InvalidPublicKey, DuplicateSSHPublicKey (of this user), LimitExceeded for a
    sixth key (P5.4-10)."""
    request, material = upload
    user, keys = user_named(ctx, request["UserName"]), ctx.store.ssh_public_keys
    require_room("SSHPublicKeysPerUser", len(keys.of(user.id)), ctx.authority.quotas.ssh_public_keys_per_user)
    try:
        key = with_fresh_id(ctx, Prefix.PUBLIC_KEY, lambda fresh: SshPublicKey(ctx.account, fresh, user.id, ctx.now, material), keys.add)
    except NameTaken:
        raise DuplicateSSHPublicKey("The SSH public key is already associated with this user.") from None
    return {"SSHPublicKey": _in_full(user, key, request["SSHPublicKeyBody"])}


@iam.operation("GetSSHPublicKey", access=Access.READ, resource=user_arn, conditions=user_conditions, event_resources=_ABOUT)
def get_ssh_public_key(ctx: Context, request: shapes.GetSSHPublicKeyRequest) -> shapes.GetSSHPublicKeyResponse:
    """The key in the encoding asked for; in that which it came in, exactly as it came. Raises NoSuchEntity."""
    user = user_named(ctx, request["UserName"])
    key = _meant(ctx, user, request)
    return {"SSHPublicKey": _in_full(user, key, key.encoded(Encoding(request["Encoding"])))}


@iam.operation("ListSSHPublicKeys", access=Access.LIST, resource=user_arn, conditions=user_conditions, event_resources=_ABOUT)
def list_ssh_public_keys(ctx: Context, request: shapes.ListSSHPublicKeysRequest) -> shapes.ListSSHPublicKeysResponse:
    """The oldest first, without the keys themselves. Raises NoSuchEntity, ValidationError."""
    user = named_user_or_caller(ctx, request)
    shown, end = pages.window(request, f"SSH keys of {user.id}").slice(ctx.store.ssh_public_keys.of(user.id))
    return {"SSHPublicKeys": [_listed(user, key) for key in shown], **end}


@iam.operation("UpdateSSHPublicKey", access=Access.PERMISSIONS, resource=user_arn, conditions=user_conditions, event_resources=_ABOUT)
def update_ssh_public_key(ctx: Context, request: shapes.UpdateSSHPublicKeyRequest) -> None:
    """Active or Inactive. Raises NoSuchEntity, InvalidInput (`Expired`)."""
    key = _meant(ctx, user_named(ctx, request["UserName"]), request)
    ctx.store.ssh_public_keys.set_status(key.id, settable_status(request, "an SSH public key"))


@iam.operation("DeleteSSHPublicKey", access=Access.PERMISSIONS, resource=user_arn, conditions=user_conditions, event_resources=_ABOUT)
def delete_ssh_public_key(ctx: Context, request: shapes.DeleteSSHPublicKeyRequest) -> None:
    """For good. Raises NoSuchEntity."""
    ctx.store.ssh_public_keys.delete(_meant(ctx, user_named(ctx, request["UserName"]), request).id)


def _meant(ctx: Context, user: User, request: Mapping[str, Any]) -> SshPublicKey:
    """The key `SSHPublicKeyId` of `user`. Another's is not told from one that does not exist (NT-42). Raises NoSuchEntity."""
    key = ctx.store.ssh_public_keys.get(request["SSHPublicKeyId"])
    if key is None or key.owner != user.id:
        raise NoSuchEntity(f"The Public Key with id {request['SSHPublicKeyId']} cannot be found.")
    return key


def _listed(user: User, key: SshPublicKey) -> shapes.SSHPublicKeyMetadata:
    return {"UserName": user.name, "SSHPublicKeyId": key.id, "Status": key.status.value, "UploadDate": utc(key.created)}


def _in_full(user: User, key: SshPublicKey, body: str) -> shapes.SSHPublicKey:
    return {
        "UserName": user.name,
        "SSHPublicKeyId": key.id,
        "Fingerprint": key.material.fingerprint,
        "SSHPublicKeyBody": body,
        "Status": key.status.value,
        "UploadDate": utc(key.created),
    }
