"""What policies can allow, proven without asking about single requests: Access Analyzer's custom checks.

    new_access(document, than)       statements that allow something which the other document does not
    granted(document, …)             statements that allow some of the listed actions on some of the listed resources
    public(document, …)              statements that let in the whole world

The method is in `docs/access-checks.md`. All three are sound and incomplete: what cannot be proven absent is reported. A document whose
patterns would cost too much raises TooComplex.
"""

from akia.policy.access.coverage import new_access
from akia.policy.access.exposure import granted
from akia.policy.access.patterns import TooComplex
from akia.policy.access.publicity import public
from akia.policy.access.reach import Reach
from akia.policy.access.statements import Reason

__all__ = ["Reach", "Reason", "TooComplex", "granted", "new_access", "public"]
