"""An akia in process whose rotations go on when they are told to, by a clock that is moved."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tests.signin import Clock
from tests.turns import turns

from akia.alerts_out import AlertSettings
from akia.jobs import rotate_keys
from akia.jobs.rotate_keys import RotateKeys
from akia.rotation_targets import NamedTarget, Targets
from akia.store.founding import KeyPair

if TYPE_CHECKING:
    import pytest
    from tests.conftest import World

    from akia.rotation_targets import DeliveredKey, Target

QUIET, INACTIVE = 60, 120
"""Seconds."""
TIMES = {"QuietHours": QUIET / 3600, "InactiveHours": INACTIVE / 3600}


class Shelf:
    """A target in memory: what it got, and what goes wrong."""

    kind = "shelf"
    seconds = 5.0

    def __init__(self) -> None:
        self.got: list[DeliveredKey] = []
        self.error: Exception | None = None

    def deliver(self, key: DeliveredKey) -> None:
        if self.error is not None:
            raise self.error
        self.got.append(key)

    @property
    def pair(self) -> KeyPair:
        """The key that its clients use."""
        return KeyPair(self.got[-1].access_key_id, self.got[-1].secret_access_key)


class Rotating:
    """User `ci` with a key, and the administrator's client of akia's service."""

    def __init__(self, akia: World, monkeypatch: pytest.MonkeyPatch, settings: AlertSettings | None = None) -> None:
        self.akia, self.clock = akia, Clock.of(monkeypatch)
        object.__setattr__(akia.akia.pipeline, "clock", self.clock.time)
        monkeypatch.setattr(rotate_keys, "PATIENCE_SECONDS", 60.0)  # however slow this machine is
        self.settings = settings or AlertSettings()
        self.job = self.another_job()
        self.iam, self.own = akia.client("iam", akia.admin), akia.client("akia", akia.admin)
        self.iam.create_user(UserName="ci")
        self.old = pair(self.iam.create_access_key(UserName="ci")["AccessKey"])
        self.store = akia.akia.store
        self.do = turns(akia.akia)

    def another_job(self) -> RotateKeys:
        """That of another worker."""
        return RotateKeys(self.akia.akia.authority, self.settings, self.clock.time)

    def target(self, name: str, target: Target, user: str = "ci") -> None:
        """One more target of the operator's."""
        known = dict(self.akia.akia.authority.rotation_targets.by_name)
        known[name] = NamedTarget(name, self.akia.account, (user,), target)
        self.akia.akia.authority.rotation_targets = Targets(known)

    def shelf(self, name: str = "shelf") -> Shelf:
        shelf = Shelf()
        self.target(name, shelf)
        return shelf

    def start(self, **parameters: Any) -> Any:
        """A rotation of the key of `ci`."""
        return self.own.start_key_rotation(AccessKeyId=self.old.access_key_id, **{**TIMES, **parameters})

    def work(self, after: float = 0, job: RotateKeys | None = None) -> None:
        """Everything that is due in `after` seconds."""
        self.clock.move(after)
        asyncio.run((job or self.job).once(self.do))

    def told(self, started: Any) -> Any:
        return self.own.get_key_rotation(RotationId=started["Rotation"]["RotationId"])

    def state(self, started: Any) -> str:
        state: str = self.told(started)["Rotation"]["State"]
        return state

    def keys(self) -> dict[str, str]:
        """The keys of `ci`, with their status."""
        return {key["AccessKeyId"]: key["Status"] for key in self.iam.list_access_keys(UserName="ci")["AccessKeyMetadata"]}

    def works(self, key: KeyPair) -> bool:
        """Whether a call with the key is answered."""
        sts = self.akia.client("sts", key)
        self.clock.move(0.01)
        try:
            sts.get_caller_identity()
        except sts.exceptions.ClientError as error:
            assert error.response["Error"]["Code"] == "InvalidClientTokenId"
            return False
        return True

    def alerts(self) -> list[Any]:
        return self.store.alerts.newest(self.akia.account, "", "~", 100)


def pair(key: dict[str, str]) -> KeyPair:
    return KeyPair(key["AccessKeyId"], key["SecretAccessKey"])
