"""An akia inside the test process: the same code, the same checks, no socket.

    akia = InProcess()
    iam = akia.client("iam")                 # an unmodified boto3 client, signed with the root user's key
    iam.create_user(UserName="alice")

botocore builds and signs its requests as ever; a `before-send` handler hands them over instead of a connection.
"""

from __future__ import annotations

import io
import shutil
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.config import Config

from akia.assembly import Akia, assemble
from akia.authority.facts import RequestFacts
from akia.aws import own_models
from akia.aws.ids import new_guid
from akia.pipeline.request import Request
from akia.reset import reset
from akia.store.founding import KeyPair, add_administrator, add_root_key, found_account
from akia.testing.template import fresh_store
from akia.wire import Answer, HttpRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.awsrequest import AWSPreparedRequest

ENDPOINT = "http://akia.invalid"
ACCOUNT = "123456789012"
REGION = "us-east-1"
_NEVER = Config(retries={"max_attempts": 1, "mode": "standard"})


class InProcess:
    """A throw-away akia with an account, its root key and an administrator's key. `close` removes every trace.

    `root` is the root user's key. `source_ip` is where requests seem to come from.
    """

    def __init__(self, account: str = ACCOUNT) -> None:
        self.account = account
        self.directory = Path(tempfile.mkdtemp(prefix="akia-"))
        store = fresh_store(self.directory / "akia.db")
        now = int(time.time())
        store.connection.begin_immediate()
        found_account(store, account, now)
        self.root = add_root_key(store, account, now)
        self._admin: KeyPair | None = add_administrator(store, account, now)
        store.connection.commit()
        self.akia: Akia = assemble(store, self.directory, account=account, durable=False, endpoint=ENDPOINT)
        self._direct = self.akia.direct()
        self.source_ip = "127.0.0.1"

    @property
    def account_id(self) -> str:
        """The account, under the name that the server of the other fixture has for it."""
        return self.account

    @property
    def admin(self) -> KeyPair:
        """The administrator's key. Raises LookupError after a reset: then there is no user any more."""
        if self._admin is None:
            raise LookupError("a reset leaves no user, the administrator neither: sign with the root user's key")
        return self._admin

    def reset(self) -> None:
        """Back to an empty account with a new root key and no user, in a few milliseconds: much sooner than a new akia."""
        self.root, self._admin = reset(self.akia, self.account), None

    def client(
        self, service: str, key: KeyPair | None = None, *, token: str | None = None, region: str = REGION, config: Config | None = None
    ) -> Any:
        """A boto3 client of `service` that signs with `key` (the root user's by default)."""
        pair = key or self.root
        client = _session().client(
            service,
            region_name=region,
            endpoint_url=ENDPOINT,
            aws_access_key_id=pair.access_key_id,
            aws_secret_access_key=pair.secret_access_key,
            aws_session_token=token,
            config=_NEVER.merge(config) if config is not None else _NEVER,
        )
        client.meta.events.register("before-send", self._send)
        return client

    def answer(self, http: HttpRequest, *, secure: bool = False) -> Answer:
        """The answer to raw bytes, for what no client would send."""
        facts = RequestFacts(
            request_id=new_guid(),
            received=time.time(),
            source_ip=self.source_ip,
            secure=secure,
            user_agent=_header(http, b"user-agent"),
            host=_header(http, b"host"),
        )
        return self._direct.answer(Request(http, facts))

    def close(self) -> None:
        self.akia.close()
        shutil.rmtree(self.directory)

    def _send(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        answer = self.answer(_http(request))
        headers: Any = {name.decode(): value.decode() for name, value in answer.headers}
        return AWSResponse(request.url, answer.status, headers, _Body(answer.body))


@cache
def _session() -> Any:
    """One for all clients, since it keeps the service models that it has read; it knows akia's own."""
    core = botocore.session.get_session()
    core.get_component("data_loader").search_paths.append(str(own_models.DIRECTORY))
    return boto3.Session(botocore_session=core)


class _Body(io.BytesIO):
    """A body as urllib3 hands it to botocore."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def _http(request: AWSPreparedRequest) -> HttpRequest:
    """botocore's prepared request as it would arrive."""
    url = urlsplit(request.url)
    body: Any = request.body or b""
    if hasattr(body, "read"):
        body = body.read()
    body = body.encode() if isinstance(body, str) else bytes(body)
    headers = [
        (name.lower().encode(), value if isinstance(value, bytes) else str(value).encode()) for name, value in request.headers.items()
    ]
    if not any(name == b"host" for name, _ in headers):
        headers.append((b"host", url.netloc.encode()))
    return HttpRequest(request.method.encode(), (url.path or "/").encode(), url.query.encode(), headers, body)


def _header(http: HttpRequest, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in http.headers if key == name), "")
