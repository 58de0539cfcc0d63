"""What binds whoever uses an access key: its ceiling (O4), and the time in which it may be used (O1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from akia.identity.key_lifetime import ALWAYS, Validity, in_force, validity
from akia.identity.key_restrictions import KeyRestrictions
from akia.policy import Kind, PolicySet

if TYPE_CHECKING:
    from akia.authority.policies_in_force import Documents
    from akia.identity.access_key import AccessKey
    from akia.store.store import Store

UNRESTRICTED = KeyRestrictions()


class KeyInForce(NamedTuple):
    """`ceiling` is None if nothing says where or what for the key may be used."""

    ceiling: PolicySet | None
    validity: Validity


UNBOUND = KeyInForce(None, ALWAYS)
"""Of who uses no long-term key."""


def key_in_force(key: AccessKey, store: Store, documents: Documents) -> KeyInForce:
    """What `store` says of `key` now."""
    restrictions = store.restricted_keys.get(key.id)
    ceiling = None if restrictions is None else _ceiling(key, restrictions, documents)
    return KeyInForce(ceiling, validity_of(key, restrictions or UNRESTRICTED, store))


def validity_of(key: AccessKey, restrictions: KeyRestrictions, store: Store) -> Validity:
    """When `key`, which is restricted so, may be used: by its own dates, and by every lifetime that concerns it."""
    place = store.organizations.place_of(key.account)
    organization = place.organization.id if place is not None else ""
    rules = dict(store.key_lifetimes.concerning(key=key.id, user=key.owner, account=key.account, organization=organization))
    lifetime = in_force(
        key=rules.pop(key.id, None),
        account=rules.pop(key.account, None),
        organization=rules.pop(organization, None),
        user=rules.pop(key.owner, None),
        groups=rules.values(),
    )
    return validity(key.created, restrictions, lifetime)


def _ceiling(key: AccessKey, restrictions: KeyRestrictions, documents: Documents) -> PolicySet | None:
    compiled = [documents.compiled(Kind.CEILING, f"access-key/{key.id}/{name}", text) for name, text in restrictions.documents()]
    return PolicySet(compiled) if compiled else None
