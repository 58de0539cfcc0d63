"""What vendors' own client libraries make of things, in .venv-streams, as a program of its own: JSON in, JSON out.

python vendors.py WHAT < input
"""

from __future__ import annotations

import json
import sys
from typing import Any


def datadog(told: Any) -> Any:
    """Has Datadog's client post the same entries to `port`; its own model must take each of them. The status that it was answered."""
    from datadog_api_client import ApiClient, Configuration  # type: ignore[import-not-found]
    from datadog_api_client.v2.api.logs_api import LogsApi  # type: ignore[import-not-found]
    from datadog_api_client.v2.model.content_encoding import ContentEncoding  # type: ignore[import-not-found]
    from datadog_api_client.v2.model.http_log import HTTPLog  # type: ignore[import-not-found]
    from datadog_api_client.v2.model.http_log_item import HTTPLogItem  # type: ignore[import-not-found]

    settings = Configuration(
        server_index=1, server_variables={"name": f"127.0.0.1:{told['port']}", "protocol": "https"}, api_key={"apiKeyAuth": told["key"]}
    )
    settings.return_http_data_only = False
    settings.ssl_ca_cert = told["ca"]
    with ApiClient(settings) as client:
        entries = HTTPLog([HTTPLogItem(**entry) for entry in told["body"]])
        _, status, _ = LogsApi(client).submit_log(entries, content_encoding=ContentEncoding.GZIP)
    return status


def new_relic(told: Any) -> Any:
    """Has New Relic's SDK post the same logs to `port`. The status that it was answered."""
    from newrelic_telemetry_sdk import Log  # type: ignore[import-not-found]
    from newrelic_telemetry_sdk.client import LogClient  # type: ignore[import-not-found]

    client = LogClient(told["key"], host="127.0.0.1", port=told["port"], ca_certs=told["ca"])
    (block,) = told["body"]
    logs = [Log(one["message"], one["timestamp"], **one["attributes"]) for one in block["logs"]]
    return client.send_batch(logs, block["common"]).status


def otlp(told: Any) -> Any:
    """How the protocol's own definition reads a request: unknown names and wrong types raise."""
    from google.protobuf import json_format  # type: ignore[import-untyped]
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest  # type: ignore[import-not-found]

    request = json_format.Parse(json.dumps(told["body"]), ExportLogsServiceRequest())
    again = ExportLogsServiceRequest()
    again.ParseFromString(request.SerializeToString())
    return [
        {
            "body": one.body.string_value,
            "time": one.time_unix_nano,
            "severity": one.severity_number,
            "account": {each.key: each.value.string_value for each in resource.resource.attributes}["cloud.account.id"],
        }
        for resource in again.resource_logs
        for scope in resource.scope_logs
        for one in scope.log_records
    ]


def webhook(told: Any) -> Any:
    """The payload, if the specification's library verifies the signature."""
    from standardwebhooks.webhooks import Webhook  # type: ignore[import-not-found]

    return Webhook(told["secret"]).verify(told["raw"].encode(), told["headers"])


def prometheus(told: Any) -> Any:
    """The families as Prometheus' parser reads them."""
    from prometheus_client.parser import text_string_to_metric_families  # type: ignore[import-not-found]

    return [
        [family.name, family.type, [[one.name, one.labels, one.value] for one in family.samples]]
        for family in text_string_to_metric_families(told["text"])
    ]


WHAT = {"datadog": datadog, "newrelic": new_relic, "otlp": otlp, "webhook": webhook, "prometheus": prometheus}

if __name__ == "__main__":
    json.dump(WHAT[sys.argv[1]](json.load(sys.stdin)), sys.stdout)
