"""Where a new access key is put, so that whoever uses the old one takes the new one: files of several kinds, or a command.

    target = ProfileFile(Path("~/.aws/credentials").expanduser(), "ci")
    target.deliver(DeliveredKey(account, "ci", key_id, secret, replaces=old_key_id))     # raises NotDelivered

Everything blocks. Delivering a key twice is delivering it once, but for commands, which must see to that. Needs nothing of the server.
docs/rotation.md describes each.
"""

from akia.rotation_targets.command import Command
from akia.rotation_targets.configuration import NamedTarget, Targets, TargetsError, read_targets
from akia.rotation_targets.environment_file import EnvironmentFile
from akia.rotation_targets.kubernetes_secret import KubernetesSecret
from akia.rotation_targets.profile_file import ProfileFile
from akia.rotation_targets.spelled import spelled
from akia.rotation_targets.target import DeliveredKey, NotDelivered, Target

__all__ = [
    "Command", "DeliveredKey", "EnvironmentFile", "KubernetesSecret", "NamedTarget", "NotDelivered", "ProfileFile", "Target", "Targets",
    "TargetsError", "read_targets", "spelled",
]  # fmt: skip
