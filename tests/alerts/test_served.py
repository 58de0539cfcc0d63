"""The whole way: a served akia, an attack over the network, a message in a webhook, an answer by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
import pytest
from botocore.exceptions import ClientError
from tests.alerts.receivers import webhook
from tests.outbound.server import authority
from tests.served import Served, serve

from akia.aws import own_models
from akia.store.founding import KeyPair

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE_SECONDS = 30.0


@pytest.mark.covers("I5.alerts.channels", "I5.alerts.responses", "D6")
def test_a_honeytoken_is_used_somebody_is_called_and_the_key_is_dead(tmp_path: Path) -> None:
    made = authority(tmp_path / "tls", "127.0.0.1")
    with webhook(made, [500, 200]) as taken:
        file = tmp_path / "alerts.toml"
        file.touch(0o600)
        file.write_text(
            f'[channels.ops]\nkind = "webhook"\nurl = "{taken.url}"\nthumbprints = ["{made.thumbprint}"]\nleast = "critical"\n'
            '[responses]\n"honeytoken-used" = "deactivate-key"\n'
        )
        served = serve(tmp_path / "home", "--workers", "2", "--alerts-file", str(file), "--outbound-allowed-network", "127.0.0.0/8")
        try:
            iam = served.client("iam")
            iam.create_user(UserName="bait", Tags=[{"Key": "akia:honeytoken", "Value": ""}])
            key = iam.create_access_key(UserName="bait")["AccessKey"]
            thief = served.client("sts", KeyPair(key["AccessKeyId"], key["SecretAccessKey"]))
            thief.get_caller_identity()
            assert taken.arrived.wait(PATIENCE_SECONDS)
            with pytest.raises(ClientError, match="InvalidClientTokenId"):
                thief.get_caller_identity()
            [(_, _, message), *_] = taken.requests
            assert (message["rule"], message["response"]) == ("honeytoken-used", f"deactivated the key {key['AccessKeyId']}")
            alerts = own_service(served).list_alerts()["Alerts"]
            assert message["id"] in {alert["AlertId"] for alert in alerts}
            assert "s3cret" not in (tmp_path / "home" / "log").read_text()
            assert key["SecretAccessKey"] not in str(taken.requests)
        finally:
            assert served.stop() == 0


def own_service(served: Served) -> Any:
    """A client of the service akia, for the administrator."""
    core = botocore.session.get_session()
    core.get_component("data_loader").search_paths.append(str(own_models.DIRECTORY))
    pair = served.administrator
    session: Any = boto3.Session(pair.access_key_id, pair.secret_access_key, region_name="us-east-1", botocore_session=core)
    return session.client("akia", endpoint_url=served.endpoint)
