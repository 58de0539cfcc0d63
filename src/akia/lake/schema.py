"""The columns of an event data store, as AWS documents them, and their types in DuckDB's JSON transformation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

TEXT, FLAG, TIME, MAP = "VARCHAR", "BOOLEAN", "TIMESTAMP", "MAP(VARCHAR, VARCHAR)"
EVENT_JSON = "eventJson"
"""The column that holds the whole record."""
_ISSUER = {"type": TEXT, "principalId": TEXT, "arn": TEXT, "accountId": TEXT, "userName": TEXT}
_SESSION = {
    "attributes": {"creationDate": TIME, "mfaAuthenticated": TEXT},
    "sessionIssuer": _ISSUER,
    "webIdFederationData": {"federatedProvider": TEXT, "attributes": MAP},
    "sourceIdentity": TEXT,
    "ec2RoleDelivery": TEXT,
    "ec2IssuedInVpc": TEXT,
}
_IDENTITY = {
    "type": TEXT,
    "principalId": TEXT,
    "arn": TEXT,
    "accountId": TEXT,
    "accessKeyId": TEXT,
    "userName": TEXT,
    "sessionContext": _SESSION,
    "onBehalfOf": {"userId": TEXT, "identityStoreArn": TEXT},
    "inScopeOf": {"sourceArn": TEXT, "sourceAccount": TEXT, "issuerType": TEXT, "credentialsIssuedTo": TEXT},
    "invokedBy": TEXT,
    "identityProvider": TEXT,
}
EVENT: Mapping[str, Any] = {
    "eventVersion": TEXT,
    "userIdentity": _IDENTITY,
    "eventTime": TIME,
    "eventSource": TEXT,
    "eventName": TEXT,
    "awsRegion": TEXT,
    "sourceIPAddress": TEXT,
    "userAgent": TEXT,
    "errorCode": TEXT,
    "errorMessage": TEXT,
    "requestParameters": MAP,
    "responseElements": MAP,
    "additionalEventData": MAP,
    "requestID": TEXT,
    "eventID": TEXT,
    "readOnly": FLAG,
    "resources": [{"accountId": TEXT, "type": TEXT, "ARN": TEXT, "ARNPrefix": TEXT}],
    "eventType": TEXT,
    "apiVersion": TEXT,
    "managementEvent": FLAG,
    "recipientAccountId": TEXT,
    "sharedEventID": TEXT,
    "annotation": TEXT,
    "vpcEndpointId": TEXT,
    "vpcEndpointAccountId": TEXT,
    "serviceEventDetails": MAP,
    "addendum": MAP,
    "edgeDeviceDetails": MAP,
    "insightDetails": MAP,
    "eventCategory": TEXT,
    "tlsDetails": {"tlsVersion": TEXT, "cipherSuite": TEXT, "clientProvidedHostHeader": TEXT},
    "sessionCredentialFromConsole": TEXT,
}
"""Of events that an AWS service has recorded. EVENT_JSON stands behind them."""
ACTIVITY: Mapping[str, Any] = {
    "eventVersion": TEXT,
    "eventCategory": TEXT,
    "eventType": TEXT,
    "eventID": TEXT,
    "eventTime": TIME,
    "awsRegion": TEXT,
    "recipientAccountId": TEXT,
    "addendum": {"reason": TEXT, "updatedFields": TEXT, "originalUID": TEXT, "originalEventID": TEXT},
    "metadata": {"ingestionTime": TEXT, "channelARN": TEXT},
    "eventData": {
        "version": TEXT,
        "userIdentity": {"type": TEXT, "principalId": TEXT, "details": MAP},
        "userAgent": TEXT,
        "eventSource": TEXT,
        "eventName": TEXT,
        "eventTime": TEXT,
        "UID": TEXT,
        "requestParameters": MAP,
        "responseElements": MAP,
        "errorCode": TEXT,
        "errorMessage": TEXT,
        "sourceIPAddress": TEXT,
        "recipientAccountId": TEXT,
        "additionalEventData": MAP,
    },
}
"""Of events that came from outside, through channels (ActivityAuditLog)."""


def columns(activity: bool) -> Mapping[str, Any]:
    """Those of a store: for events from outside, or for AWS's own."""
    return ACTIVITY if activity else EVENT


def needed(activity: bool, words: Collection[str] | None) -> dict[str, Any]:
    """Of a store's columns those that `words` (in small letters) name, and one more so that there are rows; None for all."""
    every = columns(activity)
    return {name: kind for name, kind in every.items() if words is None or name == "eventID" or name.lower() in words}


MAP_FIELDS = frozenset(
    {name.lower() for fields in (EVENT, ACTIVITY, ACTIVITY["eventData"]) for name, kind in fields.items() if kind == MAP}
    | {"attributes", "details"}
)
"""The names, in small letters, of columns and fields that hold maps."""
