"""Password policies: an account has one or none."""

from __future__ import annotations

from dataclasses import fields

from akia.identity.password_policy import PasswordPolicy
from akia.store.core import signin, upsert
from akia.store.organizations.records import Records, Repository, columns_of

_FIELDS = tuple(field.name for field in fields(PasswordPolicy))
_FLAGS = ("require_symbols", "require_numbers", "require_uppercase", "require_lowercase", "allow_change", "hard_expiry")


def _policy(*row: object) -> PasswordPolicy:
    values = dict(zip(_FIELDS, row, strict=True))
    return PasswordPolicy(**values | {name: bool(values[name]) for name in _FLAGS})  # type: ignore[arg-type]  # the table's own types


class PasswordPolicies(Repository[PasswordPolicy]):
    """Subjects of changes are `acct:…`: one that lets users change their passwords gives all of them a permission."""

    records = Records("password_policies", lambda: signin.password_policies, _policy, "account")
    _put = records.query("put", lambda t: upsert(t, ("account",), *_FIELDS[1:]))

    def add(self, policy: PasswordPolicy) -> None:
        """As `put`, which it is."""
        self.put(policy)

    def put(self, policy: PasswordPolicy) -> None:
        """In place of the one that is there, if there is one."""
        self._connection.run(self._put, **columns_of(policy))
        self._changes.add(f"acct:{policy.account}")

    def delete(self, *key: str) -> bool:
        """Whether there was one."""
        there = super().delete(*key)
        if there:
            self._changes.add(f"acct:{key[0]}")
        return there
