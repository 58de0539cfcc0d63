"""What comes from elsewhere and is not taken."""

from __future__ import annotations


class NotTaken(Exception):
    """An event or a file that others have made, and that is not what it should be. `code` is a word for what is wrong, AWS's if it has
    one."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
