"""Which operation a request asks for (W3.1 - W3.8, NT-30, NT-87)."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import pytest

from akia.aws.errors import (
    AwsError,
    InvalidAction,
    MalformedHttpRequest,
    MalformedInput,
    MissingAuthenticationToken,
    RequestEntityTooLarge,
)
from akia.wire import HttpRequest, Models, Routed, Unrouted, route
from akia.wire.directory import SERVED
from akia.wire.routing import MAX_INFLATED

pytestmark = pytest.mark.covers("I2.wire.routing")

FORM = (b"content-type", b"application/x-www-form-urlencoded")
JSON = (b"content-type", b"application/x-amz-json-1.1")
IAM, STS = b"&Version=2010-05-08", b"&Version=2011-06-15"

Ask = Callable[..., Routed | Unrouted]


@pytest.fixture(scope="module")
def ask(models: Models) -> Ask:
    def ask(
        scope: str | None, body: bytes = b"", *, method: bytes = b"POST", path: bytes = b"/", query: bytes = b"", headers: Any = (FORM,)
    ) -> Routed | Unrouted:
        return route(models, HttpRequest(method, path, query, list(headers), body), scope)

    return ask


def found(result: Routed | Unrouted) -> str:
    assert isinstance(result, Routed), result
    return f"{result.service.name}:{result.operation.name}"


def refused(result: Routed | Unrouted, error: type[AwsError]) -> Unrouted:
    assert isinstance(result, Unrouted), result
    assert type(result.error) is error
    return result


class TestTargets:
    def test_w3_2_the_target_is_split_at_its_last_dot(self, ask: Ask) -> None:
        target = (b"x-amz-target", b"com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents")
        assert found(ask("cloudtrail", b"{}", headers=[target, JSON])) == "cloudtrail:LookupEvents"

    @pytest.mark.parametrize(
        "content_type", [b"application/x-amz-json-1.0", b"application/x-amz-json-1.1; charset=utf-8", b"APPLICATION/X-AMZ-JSON-1.1"]
    )
    def test_w3_2_both_versions_are_taken_with_or_without_a_charset(self, ask: Ask, content_type: bytes) -> None:
        headers = [(b"x-amz-target", b"AmazonSSM.GetParameter"), (b"content-type", content_type)]
        assert found(ask("ssm", b"{}", headers=headers)) == "ssm:GetParameter"

    def test_an_unknown_operation_is_the_services_error(self, ask: Ask, models: Models) -> None:
        result = refused(ask("ssm", b"{}", headers=[JSON, (b"x-amz-target", b"AmazonSSM.Conquer")]), InvalidAction)
        answer = result.refuser.error(result.error, "x")
        assert result.refuser is models.service("ssm")
        assert answer.status == 400
        assert b'"__type":"UnknownOperationException"' in answer.body

    @pytest.mark.parametrize(
        "changes",
        [
            {"headers": [JSON, (b"x-amz-target", b"DynamoDB_20120810.GetItem")]},
            {"headers": [JSON, (b"x-amz-target", b"GetParameter")]},
            {"headers": [JSON, (b"x-amz-target", b"")]},
            {"headers": [JSON, (b"x-amz-target", b"\xff.\xff")]},
            {"headers": [FORM, (b"x-amz-target", b"AmazonSSM.GetParameter")]},
            {"headers": [(b"x-amz-target", b"AmazonSSM.GetParameter")]},
            {"headers": [JSON, (b"x-amz-target", b"AmazonSSM.GetParameter")], "method": b"GET"},
            {"headers": [JSON, (b"x-amz-target", b"AmazonSSM.GetParameter")], "path": b"/other"},
        ],
    )
    def test_nt_30_anything_else_with_a_target_is_an_unknown_operation_in_json(self, ask: Ask, changes: dict[str, Any]) -> None:
        result = refused(ask("ssm", b"{}", **changes), InvalidAction)
        assert b"UnknownOperationException" in result.refuser.error(result.error, "x").body

    def test_nt_87_the_operation_found_names_the_scope_it_needs(self, ask: Ask) -> None:
        """A scope for iam with a target of ssm is ssm's operation: the caller refuses it by comparing the names."""
        result = ask("iam", b"{}", headers=[JSON, (b"x-amz-target", b"AmazonSSM.GetParameter")])
        assert found(result) == "ssm:GetParameter"
        assert isinstance(result, Routed)
        assert result.operation.signing_name == "ssm"


class TestForms:
    def test_w3_4_the_action_is_found_in_the_body_or_in_the_query_string(self, ask: Ask) -> None:
        assert found(ask("iam", b"Action=GetUser" + IAM)) == "iam:GetUser"
        assert (
            found(ask("sts", method=b"GET", query=b"X-Amz-Signature=0&Action=GetCallerIdentity" + STS, headers=()))
            == "sts:GetCallerIdentity"
        )
        assert found(ask("iam", b"UserName=a", query=b"Action=GetUser" + IAM)) == "iam:GetUser"

    def test_w5_4_parameters_may_come_in_both_and_version_in_neither(self, ask: Ask) -> None:
        result = ask("iam", b"UserName=a", query=b"Action=TagUser&Tags=")
        assert isinstance(result, Routed)
        assert result.parse() == {"UserName": "a", "Tags": []}

    def test_w3_4_a_content_type_with_a_charset_is_a_form(self, ask: Ask) -> None:
        headers = [(b"content-type", b"application/x-www-form-urlencoded; charset=utf-8")]
        assert found(ask("iam", b"Action=GetUser", headers=headers)) == "iam:GetUser"

    @pytest.mark.parametrize("name", [b"Action", b"Version"])
    def test_nt_30_an_action_that_differs_between_query_string_and_body_is_refused(self, ask: Ask, name: bytes) -> None:
        in_url = b"Action=GetUser&Version=2010-05-08"
        in_body = {b"Action": b"Action=DeleteUser", b"Version": b"Action=GetUser&Version=2011-06-15"}[name]
        refused(ask("iam", in_body, query=in_url), InvalidAction)
        assert found(ask("iam", in_url, query=in_url)) == "iam:GetUser"

    @pytest.mark.parametrize("method", [b"PUT", b"DELETE", b"PATCH", b"HEAD", b"OPTIONS", b"get", b"TRACE"])
    def test_nt_30_other_methods_are_refused(self, ask: Ask, method: bytes) -> None:
        refused(ask("iam", b"Action=GetUser", method=method), InvalidAction)

    @pytest.mark.parametrize("path", [b"//", b"/index", b"/.", b"/%2F", b""])
    def test_nt_30_other_paths_are_refused(self, ask: Ask, path: bytes) -> None:
        refused(ask("iam", b"Action=GetUser", path=path), InvalidAction)

    def test_a_body_that_is_not_called_a_form_is_not_read_as_one(self, ask: Ask) -> None:
        refused(ask("iam", b"Action=GetUser", headers=[(b"content-type", b"text/plain")]), InvalidAction)

    def test_w5_4_a_body_without_a_content_type_is_read_as_a_form(self, ask: Ask) -> None:
        assert found(ask("iam", b"Action=GetUser", headers=())) == "iam:GetUser"

    @pytest.mark.parametrize("form", [b"Action=Conquer", b"Action=getuser", b"Action=", b"Action=GetUser%20", b"Action=__class__"])
    def test_w7_11_h_an_unknown_action_has_awss_words(self, ask: Ask, models: Models, form: bytes) -> None:
        result = refused(ask("iam", form + IAM), InvalidAction)
        assert result.error.message.startswith("Could not find operation ")
        assert result.error.message.endswith(" for version 2010-05-08")
        assert result.refuser is models.service("iam")

    def test_a_version_of_another_service_is_not_taken(self, ask: Ask) -> None:
        result = refused(ask("iam", b"Action=GetUser" + STS), InvalidAction)
        assert result.error.message == "Could not find operation GetUser for version 2011-06-15"

    @pytest.mark.parametrize(
        ("scope", "form"), [("iam", b"Action=GetCallerIdentity" + STS), ("sts", b"Action=GetUser" + IAM), ("ssm", b"Action=GetUser" + IAM)]
    )
    def test_nt_87_an_action_of_another_service_than_the_scope_is_refused(self, ask: Ask, scope: str, form: bytes) -> None:
        refused(ask(scope, form), InvalidAction)

    def test_an_unknown_scope_is_refused_as_unknown(self, ask: Ask) -> None:
        result = refused(ask("execute-api", b"Action=GetUser" + IAM), InvalidAction)
        assert b"<Code>InvalidAction</Code>" in result.refuser.error(result.error, "x").body

    def test_w5_4_a_malformed_form_is_worded_by_the_service(self, ask: Ask) -> None:
        result = refused(ask("iam", b"Action=%zz"), MalformedInput)
        assert b"https://iam.amazonaws.com/doc/" in result.refuser.error(result.error, "x").body


class TestPaths:
    def test_w3_5_the_path_names_the_operation(self, ask: Ask) -> None:
        result = ask("access-analyzer", method=b"DELETE", path=b"/tags/arn%3Aaws%3Ax%2Fy", query=b"tagKeys=a&tagKeys=b", headers=())
        assert found(result) == "accessanalyzer:UntagResource"
        assert isinstance(result, Routed)
        assert result.parse() == {"resourceArn": "arn:aws:x/y", "tagKeys": ["a", "b"]}

    @pytest.mark.parametrize(
        ("query", "operation"),
        [
            (b"", "CreateOAuth2Token"),
            (b"other=1", "CreateOAuth2Token"),
            (b"x-amz-client-auth-method=iam", "CreateOAuth2TokenWithIAM"),
            (b"x-amz-oauth-token-method=token-exchange", "CreateOAuth2TokenWithTokenExchange"),
            (b"a=b&x-amz-token-request-type=bearer", "CreateBearerToken"),
        ],
    )
    def test_w3_5_constant_query_strings_decide_first(self, ask: Ask, query: bytes, operation: str) -> None:
        assert found(ask("signin", b"{}", path=b"/v1/token", query=query, headers=())) == f"signin:{operation}"

    def test_w2_1_iams_scope_means_iam_or_its_toolbox(self, ask: Ask) -> None:
        assert (
            found(ask("iam", method=b"GET", path=b"/authorization-details/abc", headers=())) == "iam-toolbox:GetRequestAuthorizationDetails"
        )

    @pytest.mark.parametrize(
        ("method", "path"),
        [(b"GET", b"/nowhere"), (b"GET", b"/tags/"), (b"GET", b"/tags/a/b"), (b"PUT", b"/tags/a"), (b"get", b"/analyzer")],
    )
    def test_nt_30_unknown_paths_are_unknown_operations(self, ask: Ask, models: Models, method: bytes, path: bytes) -> None:
        result = refused(ask("access-analyzer", method=method, path=path, headers=()), InvalidAction)
        assert result.refuser is models.service("accessanalyzer")
        assert result.refuser.error(result.error, "x").status == 404

    @pytest.mark.parametrize("path", [b"/tags/%", b"/tags/%ff", b"/tags/\xff"])
    def test_nt_71_a_path_that_cannot_be_read_is_malformed_input(self, ask: Ask, path: bytes) -> None:
        refused(ask("access-analyzer", method=b"GET", path=path, headers=()), MalformedInput)


class TestUnsigned:
    @pytest.mark.parametrize(
        ("row", "method", "path", "query", "body", "operation"),
        [
            ("a", b"POST", b"/", b"", b"Action=AssumeRoleWithWebIdentity" + STS, "sts:AssumeRoleWithWebIdentity"),
            ("a", b"POST", b"/", b"", b"Action=AssumeRoleWithSAML" + STS, "sts:AssumeRoleWithSAML"),
            ("b", b"POST", b"/client/register", b"", b"{}", "sso-oidc:RegisterClient"),
            ("c", b"POST", b"/device_authorization", b"", b"{}", "sso-oidc:StartDeviceAuthorization"),
            ("d", b"POST", b"/token", b"", b"{}", "sso-oidc:CreateToken"),
            ("e", b"GET", b"/federation/credentials", b"role_name=r&account_id=1", b"", "sso:GetRoleCredentials"),
            ("f", b"GET", b"/assignment/roles", b"account_id=1", b"", "sso:ListAccountRoles"),
            ("g", b"GET", b"/assignment/accounts", b"max_result=1", b"", "sso:ListAccounts"),
            ("h", b"POST", b"/logout", b"", b"", "sso:Logout"),
            ("i", b"POST", b"/v1/token", b"", b"{}", "signin:CreateOAuth2Token"),
        ],
    )
    def test_w3_8_unsigned_requests_are_recognised(
        self, ask: Ask, row: str, method: bytes, path: bytes, query: bytes, body: bytes, operation: str
    ) -> None:
        result = ask(None, body, method=method, path=path, query=query, headers=(FORM,) if row == "a" else ())
        assert found(result) == operation
        assert isinstance(result, Routed)
        assert result.operation.unsigned

    def test_w3_8_j_bearers_are_recognised_and_are_not_unsigned(self, ask: Ask) -> None:
        for path, operation in ((b"/access", "ListRoles"), (b"/access/credentials", "GetRoleCredentials")):
            result = ask(None, method=b"GET", path=path, query=b"tenantId=t", headers=())
            assert found(result) == f"account-access-runtime:{operation}"
            assert isinstance(result, Routed)
            assert (result.operation.authentication, result.operation.unsigned) == ("bearer", False)

    def test_nt_30_only_what_the_models_mark_is_unsigned(self, models: Models) -> None:
        unsigned = {
            entry.name: [name for name in models.service(entry.name).operation_names if models.service(entry.name).operation(name).unsigned]
            for entry in SERVED
        }
        assert {name: len(operations) for name, operations in unsigned.items() if operations} == {
            "sts": 2,
            "sso": 4,
            "sso-oidc": 3,
            "signin": 2,
        }
        assert unsigned["sts"] == ["AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"]

    @pytest.mark.parametrize(
        ("changes", "operation"),
        [
            ({"body": b"Action=GetCallerIdentity" + STS}, "sts:GetCallerIdentity"),
            ({"body": b"Action=GetUser" + IAM}, "iam:GetUser"),
            ({"body": b"Action=GetUser"}, "iam:GetUser"),
            ({"body": b"Action=AssumeRole"}, "sts:AssumeRole"),
            ({"path": b"/token", "query": b"aws_iam=t", "headers": ()}, "sso-oidc:CreateTokenWithIAM"),
            ({"headers": [JSON, (b"x-amz-target", b"AmazonSSM.GetParameter")]}, "ssm:GetParameter"),
        ],
    )
    def test_nt_30_what_needs_a_signature_is_recognised_as_such(self, ask: Ask, changes: dict[str, Any], operation: str) -> None:
        result = ask(None, changes.pop("body", b"{}"), **changes)
        assert found(result) == operation
        assert isinstance(result, Routed)
        assert not result.operation.unsigned

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"method": b"GET", "path": b"/favicon.ico", "headers": ()}, b"<Code>MissingAuthenticationToken</Code>"),
            ({"body": b"Action=GetUser&Version=2014-10-31"}, b"<Code>MissingAuthenticationToken</Code>"),
            ({"body": b"Action=Conquer"}, b"<Code>MissingAuthenticationToken</Code>"),
            ({"path": b"/nowhere", "headers": [(b"content-type", b"application/json")]}, b'"MissingAuthenticationTokenException"'),
            ({"method": b"GET", "path": b"/analyzer", "headers": ()}, b"<Code>MissingAuthenticationToken</Code>"),
        ],
    )
    def test_w3_7_anything_else_lacks_a_signature(self, ask: Ask, changes: dict[str, Any], code: bytes) -> None:
        result = refused(ask(None, changes.pop("body", b""), **changes), MissingAuthenticationToken)
        answer = result.refuser.error(result.error, "id-1")
        assert code in answer.body
        assert (b"x-amzn-requestid", b"id-1") in answer.headers


class TestHeaders:
    @pytest.mark.parametrize(
        "header", [(b"x-amz-target", b"AmazonSSM.GetParameter"), (b"x-amz-target", b"AmazonSSM.DeleteParameter"), JSON]
    )
    def test_a_header_that_decides_must_not_be_repeated(self, ask: Ask, header: tuple[bytes, bytes]) -> None:
        headers = [JSON, (b"x-amz-target", b"AmazonSSM.GetParameter")]
        assert found(ask("ssm", b"{}", headers=[*headers, (b"accept", b"a"), (b"accept", b"b")])) == "ssm:GetParameter"
        refused(ask("ssm", b"{}", headers=[*headers, header]), MalformedInput)

    @pytest.mark.parametrize(
        "body", [b"", b"x", gzip.compress(b"Action=GetUser", mtime=0)[:-9], gzip.compress(b"a", mtime=0)[:4] + b"\xff" * 20]
    )
    def test_nt_71_a_body_that_is_not_gzip_is_malformed(self, ask: Ask, body: bytes) -> None:
        result = ask("iam", body, headers=[FORM, (b"content-encoding", b"gzip")])
        assert isinstance(result, Unrouted)
        assert isinstance(result.error, MalformedHttpRequest | InvalidAction)

    def test_nt_71_a_compressed_bomb_is_refused(self, ask: Ask) -> None:
        bomb = gzip.compress(b"a" * (MAX_INFLATED + 1))
        assert len(bomb) < 20_000 and MAX_INFLATED <= 1 << 20, "as little as may come as it is: nobody has proven anything yet"
        refused(ask("iam", bomb, headers=[FORM, (b"content-encoding", b"gzip")]), RequestEntityTooLarge)

    def test_w5_9_gzip_and_identity_are_read_other_encodings_are_not(self, ask: Ask) -> None:
        body = b"Action=GetUser"
        assert found(ask("iam", gzip.compress(body), headers=[FORM, (b"content-encoding", b"GZIP")])) == "iam:GetUser"
        assert found(ask("iam", body, headers=[FORM, (b"content-encoding", b"identity")])) == "iam:GetUser"
        refused(ask("iam", body, headers=[FORM, (b"content-encoding", b"br")]), MalformedHttpRequest)
