"""Federation: what the tokens of identity providers prove. An engine: values in, values out; it fetches nothing and has no clock.

token = read(text)                                    # strict about form; nothing in it is believed yet
found = cache.find(provider, token.kid, now)          # the provider's keys, or why there are none
identity = verify(token, found, url, client_ids, now)
"""

from akia.federation.claims import CLOCK_SKEW_SECONDS, WebIdentity, verify
from akia.federation.condition_keys import lasting_keys
from akia.federation.discovery import discovery_url, keys_url
from akia.federation.errors import Expired, Rejected
from akia.federation.issuer import refuse_unknown_issuer
from akia.federation.key_cache import KeyCache, NoKeys
from akia.federation.key_set import KeySet
from akia.federation.token import Token, read

__all__ = [
    "CLOCK_SKEW_SECONDS",
    "Expired",
    "KeyCache",
    "KeySet",
    "NoKeys",
    "Rejected",
    "Token",
    "WebIdentity",
    "discovery_url",
    "keys_url",
    "lasting_keys",
    "read",
    "refuse_unknown_issuer",
    "verify",
]
