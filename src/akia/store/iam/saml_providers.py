"""SAML providers, with their metadata and their private keys. Private keys are sealed, each bound to its provider and its id."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from akia.federation.saml_idp import Idp
from akia.identity.saml_provider import Encryption, SamlKey, SamlProvider
from akia.keyring import Keyring, Purpose
from akia.store.core import p, sa, saml
from akia.store.errors import NameTaken
from akia.store.iam import tags
from akia.store.statement import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akia.store.changes import Changes
    from akia.store.connection import Connection, Row, Value

_COLUMNS = ("account", "name", "uuid", "created", "idps", "valid_until", "encryption", "tags")
_CHANGING = ("idps", "valid_until", "encryption", "tags")


def _select() -> sa.Select[tuple[str, str, str, int, str, int | None, str | None, str]]:
    return sa.select(*(saml.saml_providers.c[name] for name in _COLUMNS))


_NAMED = Query(
    "saml_providers.named",
    lambda: _select().where(
        saml.saml_providers.c.account == p("account"),
        saml.saml_providers.c.name == p("name"),
        saml.saml_providers.c.name_key == p("name_key"),
    ),
)
_TAKEN = Query(
    "saml_providers.taken",
    lambda: sa.select(saml.saml_providers.c.uuid).where(
        saml.saml_providers.c.account == p("account"), saml.saml_providers.c.name_key == p("name_key")
    ),
)
_OF_ACCOUNT = Query(
    "saml_providers.of_account",
    lambda: _select().where(saml.saml_providers.c.account == p("account")).order_by(saml.saml_providers.c.name_key),
)
_COUNT = Query(
    "saml_providers.count",
    lambda: sa.select(sa.func.count()).select_from(saml.saml_providers).where(saml.saml_providers.c.account == p("account")),
)
_ADD = Query("saml_providers.add", lambda: sa.insert(saml.saml_providers))
_REPLACE = Query(
    "saml_providers.replace",
    lambda: (
        sa.update(saml.saml_providers)
        .where(saml.saml_providers.c.uuid == p("row_id"))
        .values({name: p(f"new_{name}") for name in _CHANGING})
    ),
)
_DELETE = Query("saml_providers.delete", lambda: sa.delete(saml.saml_providers).where(saml.saml_providers.c.uuid == p("uuid")))

_ADD_METADATA = Query("saml_metadata.add", lambda: sa.insert(saml.saml_metadata))
_SET_METADATA = Query(
    "saml_metadata.set",
    lambda: sa.update(saml.saml_metadata).where(saml.saml_metadata.c.provider == p("row_id")).values(document=p("new_document")),
)
_METADATA = Query(
    "saml_metadata.get", lambda: sa.select(saml.saml_metadata.c.document).where(saml.saml_metadata.c.provider == p("provider"))
)

_KEYS = Query(
    "saml_private_keys.of_provider",
    lambda: (
        sa.select(saml.saml_private_keys.c.id, saml.saml_private_keys.c.added)
        .where(saml.saml_private_keys.c.provider == p("provider"))
        .order_by(saml.saml_private_keys.c.added, saml.saml_private_keys.c.id)
    ),
)
_SEALED_KEYS = Query(
    "saml_private_keys.sealed",
    lambda: (
        sa.select(saml.saml_private_keys.c.id, saml.saml_private_keys.c.sealed)
        .where(saml.saml_private_keys.c.provider == p("provider"))
        .order_by(saml.saml_private_keys.c.added.desc(), saml.saml_private_keys.c.id)
    ),
)
_ADD_KEY = Query("saml_private_keys.add", lambda: sa.insert(saml.saml_private_keys))
_REMOVE_KEY = Query(
    "saml_private_keys.delete",
    lambda: sa.delete(saml.saml_private_keys).where(
        saml.saml_private_keys.c.provider == p("provider"), saml.saml_private_keys.c.id == p("id")
    ),
)


class SamlProviders:
    """Look-ups are case-sensitive, uniqueness is not (P5.4-21). Subjects of changes are the providers' ARNs: a bearer of an assertion is
    known by nothing else."""

    def __init__(self, connection: Connection, changes: Changes, keyring: Keyring) -> None:
        self._connection = connection
        self._changes = changes
        self._keyring = keyring

    def named(self, account: str, name: str) -> SamlProvider | None:
        """The one of exactly this name."""
        row = self._connection.row(_NAMED, account=account, name=name, name_key=name.lower())
        return self._provider(row) if row else None

    def of_account(self, account: str) -> list[SamlProvider]:
        """All of them, by name. There are few (P5.4-8)."""
        return [self._provider(row) for row in self._connection.rows(_OF_ACCOUNT, account=account)]

    def count(self, account: str) -> int:
        return self._connection.count(_COUNT, account=account)

    def metadata(self, provider: SamlProvider) -> str:
        """The metadata document as it was uploaded."""
        row = self._connection.row(_METADATA, provider=provider.uuid)
        assert row is not None  # added with its provider
        return str(row[0])

    def private_keys(self, provider: SamlProvider) -> list[bytes]:
        """Its private keys (PEM) in the clear, newest first. Raises Unsealable if a row was tampered with."""
        rows = self._connection.rows(_SEALED_KEYS, provider=provider.uuid)
        return [
            self._keyring.unseal(Purpose.SECRETS, sealed, additional=_row_name(provider.account, provider.uuid, key_id))
            for key_id, sealed in rows
        ]

    def add(self, provider: SamlProvider, metadata: str) -> None:
        """Adds the provider without its keys. Raises NameTaken."""
        if self._connection.row(_TAKEN, account=provider.account, name_key=provider.name.lower()) is not None:
            raise NameTaken(provider.name)
        unchanging: dict[str, Value] = {
            "uuid": provider.uuid,
            "account": provider.account,
            "name": provider.name,
            "name_key": provider.name.lower(),
            "created": provider.created,
        }
        self._connection.run(_ADD, **unchanging, **_changing(provider))
        self._connection.run(_ADD_METADATA, provider=provider.uuid, document=metadata)

    def replace(self, provider: SamlProvider) -> None:
        """Writes everything that may change but for metadata document and keys, by uuid."""
        changed = {f"new_{name}": new for name, new in _changing(provider).items()}
        if self._connection.run(_REPLACE, row_id=provider.uuid, **changed):
            self._changes.add(str(provider.arn))

    def set_metadata(self, provider: SamlProvider, metadata: str) -> None:
        """Keeps the document; what it says is for `replace` to write."""
        self._connection.run(_SET_METADATA, row_id=provider.uuid, new_document=metadata)

    def add_key(self, provider: SamlProvider, key: SamlKey, pem: str) -> None:
        """Adds a private key, sealed."""
        sealed = self._keyring.seal(Purpose.SECRETS, pem.encode("ascii"), additional=_row_name(provider.account, provider.uuid, key.id))
        self._connection.run(_ADD_KEY, id=key.id, provider=provider.uuid, added=key.added, sealed=sealed)
        self._changes.add(str(provider.arn))

    def remove_key(self, provider: SamlProvider, key_id: str) -> None:
        if self._connection.run(_REMOVE_KEY, provider=provider.uuid, id=key_id):
            self._changes.add(str(provider.arn))

    def delete(self, provider: SamlProvider) -> None:
        """Deletes it with its metadata and keys."""
        if self._connection.run(_DELETE, uuid=provider.uuid):
            self._changes.add(str(provider.arn))

    def _provider(self, row: Row) -> SamlProvider:
        account, name, uuid, created, idps, valid_until, encryption, tag_text = row
        return SamlProvider(
            account=account,
            name=name,
            uuid=uuid,
            created=created,
            idps=tuple(Idp.from_json(value) for value in json.loads(idps)),
            valid_until=valid_until,
            encryption=Encryption(encryption) if encryption is not None else None,
            keys=tuple(SamlKey(*key) for key in self._keys(uuid)),
            tags=tags.from_text(tag_text),
        )

    def _keys(self, uuid: str) -> Sequence[Row]:
        return self._connection.rows(_KEYS, provider=uuid)


def _changing(provider: SamlProvider) -> dict[str, Value]:
    return {
        "idps": json.dumps([idp.to_json() for idp in provider.idps], ensure_ascii=False),
        "valid_until": provider.valid_until,
        "encryption": provider.encryption.value if provider.encryption is not None else None,
        "tags": tags.to_text(provider.tags),
    }


def _row_name(account: str, provider: str, key_id: str) -> bytes:
    return f"saml_private_keys\0{key_id}\0{account}\0{provider}".encode()
