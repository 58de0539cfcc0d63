"""Sealing and unsealing: a master key wraps data keys, a data key seals what must stay secret. No I/O."""

from __future__ import annotations

from akia.keyring.data_key import DataKey, seal, unseal, unwrap, wrap
from akia.keyring.errors import Unsealable
from akia.keyring.keyring import Keyring
from akia.keyring.master_key import MasterKey
from akia.keyring.purpose import Purpose

__all__ = ["DataKey", "Keyring", "MasterKey", "Purpose", "Unsealable", "seal", "unseal", "unwrap", "wrap"]
