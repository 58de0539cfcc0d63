"""What a denial carries beside AWS's words: the encoded authorization message (AC13.2).

AWS puts it into the text of a few services' errors, none of which akia serves; a header leaves every text as AWS writes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from akia.authority.authorization_messages import AuthorizationMessages
    from akia.pipeline.unit import Unit
    from akia.wire import Answer

HEADER = b"x-akia-encoded-authorization-message"


def with_message(answer: Answer, unit: Unit, messages: AuthorizationMessages) -> Answer:
    """`answer` with the message of the decision that denied `unit`; as it is, if no policy was asked."""
    if not unit.judged or unit.judged[-1].decision.allowed:
        return answer
    message = messages.encode(unit.judged[-1])
    return answer if message is None else answer._replace(headers=[*answer.headers, (HEADER, message.encode())])
