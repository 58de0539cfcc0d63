"""Pages of every list: put together they are the list, however small they are; and a marker is good for its own list only."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from botocore import xform_name
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.session import get_session
from tests.conftest import policy
from tests.services.iam.minted import mint, rsa_key, ssh_text
from tests.variants.generator import Variant, Variants
from tests.variants.plenty import DOCUMENT, Plenty
from tests.variants.test_variants import EVERY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.variants.asked import Asked

pytestmark = pytest.mark.covers("I4.contract.pages")

Members = dict[str, Any]

MARKERS = ("Marker", "NextToken", "nextToken")
LIMITS = ("MaxItems", "MaxResults", "maxResults", "MaxQueryResults")
REFUSED = {"ValidationError", "ValidationException", "InvalidInputException", "InvalidNextTokenException", "InvalidTokenException"} | {
    "InvalidParameterException"
}
"""How the services call a marker that they have not given out."""

FEW = {
    ("iam", "ListAccountAliases"): "an account has one alias",
    ("iam", "ListPoliciesGrantingServiceAccess"): "there is no limit to ask for; every namespace has one element",
    ("iam-toolbox", "GetRequestAuthorizationDetails"): "there is no limit to ask for",
    ("accessanalyzer", "ListAnalyzers"): "an account has one analyzer",
    ("organizations", "ListTagsForResource"): "there is no limit to ask for",
    ("cloudtrail", "ListChannels"): "an account has one channel",
    ("cloudtrail", "ListDashboards"): "an account has one dashboard",
    ("cloudtrail", "ListImports"): "an account has one import",
    ("cloudtrail", "ListImportFailures"): "the world's import has failed with nothing",
    ("cloudtrail", "ListInsightsData"): "nothing unusual has happened",
    ("cloudtrail", "ListInsightsMetricData"): "nothing was counted",
    ("cloudtrail", "ListPublicKeys"): "there is no limit to ask for",
    ("cloudtrail", "ListTags"): "there is no limit to ask for",
    ("cloudtrail", "ListTrails"): "there is no limit to ask for",
    ("organizations", "ListRoots"): "an organization has one root",
    ("organizations", "ListParents"): "everything has one parent",
    ("organizations", "ListHandshakesForAccount"): "nobody else invites the management account",
}
"""Lists that have one page in this world."""


def _member(asked: Asked, names: tuple[str, ...]) -> str | None:
    shape = asked.operation.interface.input
    return next((name for name in names if shape and name in shape.members), None)


PAGED = [asked for asked in EVERY if _member(asked, MARKERS)]


def _has_paginator(asked: Asked) -> bool:
    try:
        get_session().get_paginator_model(asked.service).get_paginator(asked.name)
    except (UnknownServiceError, DataNotFoundError, ValueError):
        return False
    return True


@cache
def _crowd() -> Plenty:
    """The world with one of everything, and a second of all that is listed."""
    world = Plenty()
    _more_of_iam(world)
    _more_of_the_rest(world)
    world.rehearse()
    return world


def _more_of_iam(world: Plenty) -> None:
    iam, loose = world.akia.client("iam"), "arn:aws:iam::123456789012:policy/loose"
    iam.create_access_key(UserName="ann")
    for kind, name in (("user", "ann"), ("group", "team"), ("role", "ops")):
        named = {f"{kind.title()}Name": name}
        getattr(iam, f"attach_{kind}_policy")(**named, PolicyArn=loose)
        getattr(iam, f"put_{kind}_policy")(**named, PolicyName="second", PolicyDocument=DOCUMENT)
    iam.add_user_to_group(GroupName="team", UserName="bare")
    iam.add_user_to_group(GroupName="empty", UserName="ann")
    iam.add_role_to_instance_profile(InstanceProfileName="crate", RoleName="ops")
    second = mint("second")
    iam.upload_server_certificate(ServerCertificateName="second", CertificateBody=second.pem, PrivateKey=second.key_pem)
    iam.upload_signing_certificate(UserName="ann", CertificateBody=second.pem)
    iam.upload_ssh_public_key(UserName="ann", SSHPublicKeyBody=ssh_text(rsa_key(number=2)))
    iam.create_service_specific_credential(UserName="ann", ServiceName="codecommit.amazonaws.com")
    iam.tag_mfa_device(SerialNumber=world.names["iam"]["SerialNumber"], Tags=world.names["sts"]["Tags"])
    job = iam.generate_service_last_accessed_details(Arn="arn:aws:iam::123456789012:policy/reader")["JobId"]
    world.names["iam"] |= {"ActionNames": ["iam:GetUser", "iam:ListUsers", "s3:GetObject"]}
    world.names["iam.GetServiceLastAccessedDetailsWithEntities"] = {"JobId": job}


def _more_of_the_rest(world: Plenty) -> None:
    organizations, known = world.akia.client("organizations"), world.names["organizations"]
    organizations.register_delegated_administrator(AccountId=world.leaver.id, ServicePrincipal=known["ServicePrincipal"])
    organizations.register_delegated_administrator(AccountId=world.member.id, ServicePrincipal="config.amazonaws.com")
    organizations.attach_policy(PolicyId=known["PolicyId"], TargetId=world.member.id)
    organizations.invite_account_to_organization(Target=known["Target"])
    own, analyzer, drafts = world.akia.client("akia"), world.akia.client("accessanalyzer"), world.names["akia"]
    analyzer.start_policy_generation(policyGenerationDetails={"principalArn": world.ann.arn})
    world.names["accessanalyzer.ValidatePolicy"] = {"policyDocument": policy({"Action": "nobody:*"}, {"Action": "s3:NoSuchAction"})}
    own.put_limit(Scope="ACCOUNT_OPERATION", Action="iam:GetUser", Rate=1_000)
    own.attach_shadow_policy(TargetArn=world.ann.arn, Name="second", PolicyDocument=DOCUMENT)
    for _ in range(2):
        world.ann.client("iam").list_users()
    world.clock.move(60)  # events are dated by the true time, and a replay takes those before its own
    started = {name: drafts[name] for name in ("PolicyDocument", "PrincipalArn", "StartTime", "EndTime")}
    own.report_compromised_key(AccessKeyId=world.akia.person("second_victim").key.access_key_id)
    own.put_key_lifetime(Target=world.ann.arn, Lifetime={"Mode": "OFF"})
    drafts["ReplayId"] = own.start_replay(**started)["ReplayId"]
    world.names["cloudtrail.LookupEvents"] = {"EndTime": datetime.now(UTC)}
    time.sleep(1.1)  # times of look-ups are whole seconds: what is asked from now on comes later
    world.akia.client("cloudtrail").start_query(QueryStatement=world.names["cloudtrail"]["QueryStatement"])
    own.start_key_rotation(AccessKeyId=world.names["akia.StartKeyRotation"]["AccessKeyId"])
    world.alert(2)


@pytest.fixture(scope="module")
def world() -> Iterator[Plenty]:
    yield _crowd()
    _crowd().close()
    _crowd.cache_clear()


def asked_for(world: Plenty, asked: Asked) -> Members:
    """A whole list: of all events, only those that were there before somebody asked."""
    shape = asked.operation.interface.input
    least = Variants(shape, world.known(*asked.key)).least() if shape else {}
    return least | world.names["cloudtrail.LookupEvents"] if asked.name == "LookupEvents" else least


def answer(world: Plenty, asked: Asked, members: Members) -> Members:
    told = asked.told(world, "ann", Variant("page", members))
    assert not told.code, str(told)
    return dict(told.response)


def elements(asked: Asked, page: Members) -> list[tuple[str, Any]]:
    """Everything that is listed, with the name of its list, list by list."""
    shape = asked.operation.interface.output
    lists = [name for name, member in shape.members.items() if member.type == "list"] if shape else []
    return [(name, _lasting(element)) for name in lists for element in page.get(name, [])]


_USES = ("lastAccessed", "LastUse", "CallsLastDay", "DenialsLastDay")


def _lasting(value: Any) -> Any:
    """`value` without last uses and counts of calls: asking for a page is a call as well, perhaps in the next second."""
    if isinstance(value, dict):
        return {name: _lasting(member) for name, member in value.items() if name not in _USES}
    return [_lasting(element) for element in value] if isinstance(value, list) else value


def pages(world: Plenty, asked: Asked, limit: int | None = None) -> Iterator[list[tuple[str, Any]]]:
    """What each page holds; `limit` is the most that is asked for."""
    members, marker, most = asked_for(world, asked), _member(asked, MARKERS), _member(asked, LIMITS)
    if limit and most:
        members[most] = limit
    while True:
        page = answer(world, asked, members)
        yield elements(asked, page)
        following = page.get(str(marker))
        if "IsTruncated" in page:
            assert page["IsTruncated"] == (following is not None)
        if following is None:
            return
        members = members | {str(marker): following}


@pytest.mark.parametrize("asked", PAGED, ids=str)
def test_pages_put_together_are_the_list(world: Plenty, asked: Asked) -> None:
    whole = [element for page in pages(world, asked) for element in page]
    limit = _limit(asked, len(whole))
    cut = list(pages(world, asked, limit))
    assert _in_order(element for page in cut for element in page) == _in_order(whole)
    assert max(map(len, cut)) <= limit or asked.key in FEW
    assert (len(cut) > 1) == (asked.key not in FEW), cut


@pytest.mark.parametrize("asked", [asked for asked in PAGED if _has_paginator(asked)], ids=str)
def test_botocores_paginator_reads_the_list(world: Plenty, asked: Asked) -> None:
    client = world.client("ann", asked.service)
    whole = [element for page in pages(world, asked) for element in page]
    limit = {"PageSize": _limit(asked, len(whole))} if _member(asked, LIMITS) else {}
    read = client.get_paginator(xform_name(asked.name)).paginate(**asked_for(world, asked), PaginationConfig=limit)
    assert _in_order(element for page in read for element in elements(asked, page)) == _in_order(whole)


def _limit(asked: Asked, items: int) -> int:
    """How many items a page shall have, so that there are some five or more."""
    shape, name = asked.operation.interface.input, _member(asked, LIMITS)
    most: int = shape.members[name].traits.get("max", 1_000) if shape and name else 1
    return min(max(1, items // 5), most)


def _in_order(found: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """List by list; what stands in one list keeps its order."""
    return sorted(found, key=lambda element: element[0])


def first_marker(world: Plenty, asked: Asked) -> str | None:
    page = answer(world, asked, asked_for(world, asked) | {str(_member(asked, LIMITS)): 1})
    return page.get(str(_member(asked, MARKERS)))


@pytest.mark.parametrize("asked", PAGED, ids=str)
def test_a_marker_of_another_list_is_refused(world: Plenty, asked: Asked) -> None:
    others = [other for other in PAGED if other.service == asked.service and other != asked and other.key not in FEW]
    markers = ["x", "eA==", *filter(None, [first_marker(world, other) for other in others[:3]])]
    for marker in markers:
        members = asked_for(world, asked) | {str(_member(asked, MARKERS)): marker}
        told = asked.told(world, "ann", Variant(marker, members))
        assert told.code in REFUSED, str(told)


ELSEWHERE = {
    "UserName": "bare",
    "GroupName": "empty",
    "RoleName": "spare",
    "PolicyArn": "arn:aws:iam::123456789012:policy/loose",
    "InstanceProfileName": "crate",
    "ServerCertificateName": "second",
}
"""Another thing whose list is asked for."""


@pytest.mark.parametrize("asked", [asked for asked in PAGED if asked.key not in FEW and _member(asked, tuple(ELSEWHERE))], ids=str)
def test_a_marker_of_the_list_of_something_else_is_refused(world: Plenty, asked: Asked) -> None:
    named = str(_member(asked, tuple(ELSEWHERE)))
    members = asked_for(world, asked) | {named: ELSEWHERE[named], str(_member(asked, MARKERS)): first_marker(world, asked)}
    told = asked.told(world, "ann", Variant(named, members))
    assert told.code in REFUSED, str(told)
