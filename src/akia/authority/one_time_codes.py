"""Second factors that are codes: whether one is right, and that it is used once and guessed seldom (NT-38, NT-79).

What counts is decided in the transaction that writes: there, guesses that came at the same time have their turns one after the other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from akia.identity.one_time_code import ENABLING_WINDOW, RESYNC_WINDOW, WINDOW, step_at, step_of_code, step_of_pair
from akia.throttle.attempts import may_try

if TYPE_CHECKING:
    from akia.identity.mfa_device import MfaDevice
    from akia.operation import Context
    from akia.store.store import Store


class WrongCode(Exception):
    """The code is wrong, was used before, or it is too early for another guess: nobody is told which."""


def check(ctx: Context, device: MfaDevice, code: str) -> MfaDevice:
    """`device` as it is once `code` has been used; nothing is written. Raises WrongCode, having seen to it that a guess counts."""
    middle = step_at(ctx.now) + device.drift
    first = max(middle - WINDOW, device.last_step + 1)  # a code counts once, and so do those before it
    return _used(ctx, device, _guess(ctx, device, code, range(first, middle + WINDOW + 1)))


def accept(ctx: Context, device: MfaDevice, code: str) -> None:
    """Use `code` up. Inside a write transaction. Raises as `check`."""
    ctx.store.mfa_devices.replace(check(ctx, device, code))


def check_pair(ctx: Context, device: MfaDevice, first: str, second: str, *, resync: bool = False) -> MfaDevice:
    """`device` as it is once two codes in a row were used, in step with its clock; nothing is written. Raises as `check`.

    For a device that has drifted away (`resync`) they may be an hour old, or of the next one.
    """
    window = RESYNC_WINDOW if resync else ENABLING_WINDOW
    middle = step_at(ctx.now)
    steps = range(max(middle - window, device.last_step + 2), middle + window + 1)  # both codes must be unused
    used = _used(ctx, device, _guess_pair(ctx, device, first, second, steps))
    return replace(used, drift=used.last_step - middle)


def _guess(ctx: Context, device: MfaDevice, code: str, steps: range) -> int | None:
    return step_of_code(_seed(ctx.store, device), code, steps) if _may_try(ctx, device) else None


def _guess_pair(ctx: Context, device: MfaDevice, first: str, second: str, steps: range) -> int | None:
    return step_of_pair(_seed(ctx.store, device), first, second, steps) if _may_try(ctx, device) else None


def _used(ctx: Context, device: MfaDevice, step: int | None) -> MfaDevice:
    if step is not None:
        return replace(device, last_step=step, failures=0, failed=0)
    if _may_try(ctx, device):  # who has to wait anyway does not wait longer for having asked
        now = ctx.now
        ctx.remember_refusal(lambda store: _count_failure(store, device.serial, now))
    raise WrongCode


def _may_try(ctx: Context, device: MfaDevice) -> bool:
    return may_try(device.failures, device.failed, ctx.now)


def _count_failure(store: Store, serial: str, now: int) -> None:
    device = store.mfa_devices.get(serial)
    if device is not None:
        store.mfa_devices.replace(replace(device, failures=device.failures + 1, failed=now))


def _seed(store: Store, device: MfaDevice) -> str:
    """Raises ServiceUnavailable if it cannot be read."""
    seed = store.mfa_devices.seed(device.serial)
    assert seed is not None  # virtual devices have one
    return seed
