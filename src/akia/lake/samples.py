"""Sample queries: what one asks of an event data store. Each is a template too, whose alias StartQuery takes."""

from __future__ import annotations

import re
from dataclasses import dataclass

STORE = "$EDS_ID"
"""Stands for the id of an event data store."""


@dataclass(frozen=True, slots=True)
class Sample:
    """`alias` is its name as a template. `template` has STORE, and `?` for each of `parameters`; `examples` are values for these."""

    alias: str
    name: str
    description: str
    template: str
    parameters: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()

    @property
    def sql(self) -> str:
        """The query with the examples for its parameters, to be read and changed."""
        text = self.template
        for example in self.examples:
            text = text.replace("?", f"'{example}'", 1)
        return text


SAMPLES = (
    Sample(
        "CallsOfAccessKey",
        "Calls of an access key",
        "Everything that was done with one access key, newest first: the first question after a key has leaked.",
        "SELECT eventTime, eventSource, eventName, errorCode, sourceIPAddress, userIdentity.arn FROM $EDS_ID "
        "WHERE userIdentity.accessKeyId = ? ORDER BY eventTime DESC",
        ("access key id",),
        ("<access key id>",),
    ),
    Sample(
        "SourcesOfAccessKey",
        "Source addresses of an access key",
        "From which addresses, and with which programs, an access key was used, and when first and last.",
        "SELECT sourceIPAddress, userAgent, count(*) AS calls, min(eventTime) AS first, max(eventTime) AS last "
        "FROM $EDS_ID WHERE userIdentity.accessKeyId = ? GROUP BY sourceIPAddress, userAgent ORDER BY calls DESC",
        ("access key id",),
        ("<access key id>",),
    ),
    Sample(
        "ActivityOfUser",
        "Activity of a user",
        "Which operations a user has called, and how often each was refused.",
        "SELECT eventSource, eventName, count(*) AS calls, count_if(errorCode IS NOT NULL) AS refused "
        "FROM $EDS_ID WHERE userIdentity.userName = ? GROUP BY eventSource, eventName ORDER BY calls DESC",
        ("user name",),
        ("alice",),
    ),
    Sample(
        "RefusedCalls",
        "Refused calls",
        "Who was denied access most often, and for what.",
        "SELECT userIdentity.arn, eventSource, eventName, errorCode, count(*) AS refused "
        "FROM $EDS_ID WHERE errorCode LIKE '%AccessDenied%' GROUP BY 1, 2, 3, 4 ORDER BY refused DESC",
    ),
    Sample(
        "CreatedKeys",
        "Created access keys",
        "Which access keys were created, by whom, and for whom.",
        "SELECT eventTime, userIdentity.arn, element_at(requestParameters, 'userName') AS for_user, "
        "json_extract_scalar(element_at(responseElements, 'accessKey'), '$.accessKeyId') AS access_key_id "
        "FROM $EDS_ID WHERE eventName = 'CreateAccessKey' AND errorCode IS NULL ORDER BY eventTime DESC",
    ),
    Sample(
        "ChangesOfPermissions",
        "Changes of permissions",
        "Which policies were written, attached and removed, and by whom.",
        "SELECT eventTime, userIdentity.arn, eventName, requestParameters FROM $EDS_ID "
        "WHERE eventSource = 'iam.amazonaws.com' AND regexp_like(eventName, 'Policy') AND readOnly = false ORDER BY eventTime DESC",
    ),
    Sample(
        "RootActivity",
        "Activity of the root user",
        "What the root user of an account has done, which should be nothing.",
        "SELECT eventTime, eventSource, eventName, sourceIPAddress, recipientAccountId FROM $EDS_ID "
        "WHERE userIdentity.type = 'Root' ORDER BY eventTime DESC",
    ),
    Sample(
        "AssumedRoles",
        "Assumed roles",
        "Who has assumed which role, and how often.",
        "SELECT userIdentity.arn AS who, element_at(requestParameters, 'roleArn') AS role, count(*) AS times "
        "FROM $EDS_ID WHERE eventName = 'AssumeRole' GROUP BY 1, 2 ORDER BY times DESC",
    ),
    Sample(
        "CallsWithoutMfa",
        "Calls of sessions without multi-factor authentication",
        "Changes that were made in sessions which no second factor had opened (MFA).",
        "SELECT eventTime, userIdentity.arn, eventSource, eventName FROM $EDS_ID "
        "WHERE userIdentity.sessionContext.attributes.mfaAuthenticated = 'false' AND readOnly = false ORDER BY eventTime DESC",
    ),
    Sample(
        "CallsByHour",
        "Calls by hour",
        "How many calls there were in each hour, and how many of them were errors.",
        "SELECT date_trunc('hour', eventTime) AS hour, count(*) AS calls, count_if(errorCode IS NOT NULL) AS errors "
        "FROM $EDS_ID GROUP BY 1 ORDER BY 1",
    ),
    Sample(
        "TouchedResources",
        "Touched resources",
        "Which resources calls were about, one line for each resource of each call.",
        "SELECT eventTime, eventName, resource.type, resource.ARN FROM $EDS_ID "
        "CROSS JOIN UNNEST(resources) AS t (resource) ORDER BY eventTime DESC",
    ),
    Sample(
        "TopCallers",
        "Who calls most",
        "The principals with the most calls, and how many operations and addresses that were.",
        "SELECT userIdentity.arn, count(*) AS calls, count(DISTINCT eventName) AS operations, "
        "count(DISTINCT sourceIPAddress) AS addresses FROM $EDS_ID GROUP BY 1 ORDER BY calls DESC LIMIT 100",
    ),
)

TEMPLATES = {sample.alias: sample for sample in SAMPLES}


def searched(phrase: str) -> list[tuple[Sample, float]]:
    """The samples that have to do with `phrase`, the most relevant first, each with its relevance (above 0, at most 1)."""
    wanted = _stems(phrase)
    found = [(sample, _relevance(sample, wanted)) for sample in SAMPLES]
    return sorted([pair for pair in found if pair[1] > 0], key=lambda pair: -pair[1])


def _relevance(sample: Sample, wanted: frozenset[str]) -> float:
    """Which part of the words is there; those of the name count twice."""
    name, other = _stems(sample.name), _stems(f"{sample.description} {sample.template}")
    points = sum(2 if word in name else 1 if word in other else 0 for word in wanted)
    return round(points / (2 * len(wanted)), 3) if wanted else 0.0


def _stems(text: str) -> frozenset[str]:
    """Words of more than two letters, in small letters, without the `s` of the plural."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return frozenset(word.lower().rstrip("s") for word in re.findall(r"[A-Za-z]{3,}", parted) if word.lower() not in _EMPTY)


_EMPTY = frozenset({"the", "and", "was", "which", "that", "what", "how", "from", "for", "show", "all", "with", "are", "were", "select"})
