"""OpenID Connect providers: whose tokens an account believes (P2.3-7)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from akia.aws.arn import Arn

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCHEME = "https://"
_HOST = r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)*|\[[0-9A-Fa-f:.]+\])"
_URL = re.compile(rf"https://{_HOST}(?::[1-9][0-9]{{0,4}})?(?:/[A-Za-z0-9._~!$&'()+,;=@%/-]*)?", re.ASCII)
_THUMBPRINT = re.compile("[0-9A-Fa-f]{40}", re.ASCII)
LONGEST_URL = 255


@dataclass(frozen=True, slots=True)
class OpenIdProvider:
    """A provider, by its URL, which its tokens name as their issuer letter by letter. `created` is in epoch seconds.

    `client_ids` are the audiences whose tokens are believed; `thumbprints` (SHA-1, hex) the certificates that vouch for its server where
    no authority does that the system knows.
    """

    account: str
    url: str
    created: int
    client_ids: tuple[str, ...] = ()
    thumbprints: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The URL without its scheme: what ARNs and condition keys call the provider."""
        return self.url.removeprefix(_SCHEME)

    @property
    def arn(self) -> Arn:
        return openid_provider_arn(self.account, self.url)


def openid_provider_arn(account: str, url: str) -> Arn:
    """The ARN of the provider with this URL, whether there is one or not."""
    return Arn("iam", "", account, f"oidc-provider/{url.removeprefix(_SCHEME)}")


def is_provider_url(text: str) -> bool:
    """Whether a provider may have this URL: https, a host, perhaps a port and a path; no query, no fragment, no user.

    A bare host without a dot is none: its condition keys (`iam:sub`) would be those of an AWS service.
    """
    name = text.removeprefix(_SCHEME)
    return len(text) <= LONGEST_URL and _URL.fullmatch(text) is not None and re.search(r"[.:/]", name) is not None


def is_thumbprint(text: str) -> bool:
    """Whether `text` is the SHA-1 of a certificate, 40 hex digits."""
    return _THUMBPRINT.fullmatch(text) is not None
