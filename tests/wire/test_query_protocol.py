from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from akia.aws.errors import MalformedInput, ValidationError
from akia.wire.protocols.query_reader import MAX_SEGMENTS, QueryReader, nested
from akia.wire.protocols.xml import XmlWriter
from akia.wire.schema import Shape

if TYPE_CHECKING:
    from akia.wire import Models

pytestmark = pytest.mark.covers("I2.wire.query")

Parse = Callable[[str, bytes], dict[str, Any]]

FLAT: dict[str, Any] = {
    "Top": {
        "type": "structure",
        "members": {
            "Names": {"shape": "Names"},
            "Pairs": {"shape": "Pairs"},
            "Entries": {"shape": "Entries"},
            "Amount": {"shape": "Amount", "locationName": "HowMuch"},
        },
    },
    "Names": {"type": "list", "flattened": True, "member": {"shape": "Text", "locationName": "Name"}},
    "Pairs": {"type": "map", "flattened": True, "key": {"shape": "Text", "locationName": "k"}, "value": {"shape": "Text"}},
    "Entries": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Top"}},
    "Amount": {"type": "double"},
    "Text": {"type": "string"},
}


class TestRequests:
    def test_w5_1_an_explicit_empty_list_differs_from_an_absent_one(self, query: Parse) -> None:
        assert query("iam", b"Action=CreateUser&UserName=a&Tags=") == {"UserName": "a", "Tags": []}
        assert query("iam", b"Action=CreateUser&UserName=a") == {"UserName": "a"}

    def test_w5_1_list_elements_are_taken_in_numerical_order_gaps_or_not(self, query: Parse) -> None:
        form = b"Action=UntagUser&UserName=a&TagKeys.member.10=ten&TagKeys.member.9=nine&TagKeys.member.2=two"
        assert query("iam", form)["TagKeys"] == ["two", "nine", "ten"]

    def test_w5_2_lists_nest_in_lists(self, query: Parse) -> None:
        context = b"ContextEntries.member.1.ContextKey"
        form = b"Action=SimulateCustomPolicy&PolicyInputList.member.1=p&ActionNames.member.1=s3:Get&%sName=aws:x&%sType=string" % (
            context,
            context,
        )
        values = b"&%sValues.member.2=b&%sValues.member.1=a" % (context, context)
        assert query("iam", form + values)["ContextEntries"][0]["ContextKeyValues"] == ["a", "b"]

    def test_w5_2_names_are_those_of_the_model_in_their_case(self, query: Parse) -> None:
        role = b"Action=AssumeRole&RoleArn=arn:aws:iam::123456789012:role/r&RoleSessionName=session"
        form = role + b"&PolicyArns.member.1.arn=arn:aws:iam::aws:policy/p"
        assert query("sts", form)["PolicyArns"] == [{"arn": "arn:aws:iam::aws:policy/p"}]

    def test_w5_3_scalars_are_read_from_text(self, query: Parse) -> None:
        read = query("iam", b"Action=CreateLoginProfile&UserName=a&Password=p%26%2B+q&PasswordResetRequired=true")
        assert read == {"UserName": "a", "Password": "p&+ q", "PasswordResetRequired": True}
        assert query("iam", b"Action=ListUsers&MaxItems=7") == {"MaxItems": 7}

    def test_w5_4_action_and_version_may_stand_anywhere(self, query: Parse) -> None:
        assert query("iam", b"UserName=a&Version=2010-05-08&Action=GetUser") == {"UserName": "a"}

    def test_of_a_repeated_scalar_the_first_counts(self, query: Parse) -> None:
        assert query("iam", b"Action=GetUser&UserName=first&UserName=second") == {"UserName": "first"}

    def test_nt_43_undeclared_members_are_ignored(self, query: Parse) -> None:
        form = b"Action=GetUser&UserName=a&AccountId=1&user_id=2&Policy.Statement.member.1=x&username=b"
        assert query("iam", form) == {"UserName": "a"}

    @pytest.mark.parametrize(
        "form",
        [
            b"Action=ListUsers&MaxItems=1_0",
            b"Action=ListUsers&MaxItems=%D9%A1",
            b"Action=ListUsers&MaxItems=%2B1",
            b"Action=ListUsers&MaxItems=+1",
            b"Action=ListUsers&MaxItems=1%0A",
            b"Action=ListUsers&MaxItems=2147483648",
            b"Action=ListUsers&MaxItems=",
            b"Action=ListUsers&MaxItems.x=1",
            b"Action=UntagUser&UserName=a&TagKeys.member.0=x",
            b"Action=UntagUser&UserName=a&TagKeys.member.01=x",
            b"Action=UntagUser&UserName=a&TagKeys.member.%D9%A1=x",
            b"Action=UntagUser&UserName=a&TagKeys.member.1_0=x",
            b"Action=UntagUser&UserName=a&TagKeys.member=x",
            b"Action=UntagUser&UserName=a&TagKeys=x",
            b"Action=UntagUser&UserName=a&TagKeys=&TagKeys.member.1=x",
            b"Action=UntagUser&UserName=a&TagKeys.member.1=x&TagKeys.member.1.Key=y",
            b"Action=TagUser&UserName=a&Tags.member.1=x",
            b"Action=TagUser&UserName=a&Tags.member.=x",
            b"Action=TagUser&UserName=a&Tags..1.Key=x",
            b"Action=GetUser&UserName.member.1=a",
            b"Action=GetUser&UserName=%C3",
            b"Action=GetUser&UserName=%zz",
            b"Action=GetUser&UserName=\xff",
            b"Action=CreateLoginProfile&PasswordResetRequired=True",
            b"Action=EnableMFADevice&x." + b"y." * MAX_SEGMENTS + b"z=1",
        ],
    )
    def test_nt_71_what_cannot_be_read_is_malformed_input(self, query: Parse, form: bytes) -> None:
        with pytest.raises(MalformedInput):
            query("iam", form)

    @pytest.mark.covers("I2.wire.xml_characters")
    @pytest.mark.parametrize("character", [b"%00", b"%0B", b"%1F", b"%EF%BF%BE", b"%EF%BF%BF", b"\x01"])
    def test_what_xml_cannot_carry_is_refused(self, query: Parse, character: bytes) -> None:
        form = b"Action=SimulateCustomPolicy&PolicyInputList.member.1=p&ActionNames.member.1=s3:Get&CallerArn=arn:aws:iam::1:user/aaaa"
        assert query("iam", form)
        with pytest.raises(MalformedInput, match="cannot be represented in XML"):
            query("iam", form + b"&ResourceHandlingOption=" + character)

    def test_a_broken_constraint_says_more_than_an_illegal_character(self, query: Parse) -> None:
        with pytest.raises(ValidationError, match="The specified value for userName is invalid"):
            query("iam", b"Action=GetUser&UserName=a%00b")

    def test_a_name_with_too_many_parts_is_refused(self) -> None:
        with pytest.raises(MalformedInput):
            nested({".".join("a" * (MAX_SEGMENTS + 1)): ""})


class TestFlattenedShapes:
    """Neither IAM nor STS has them; the protocol does (W5.1)."""

    def test_w5_1_flattened_lists_and_maps_are_read(self) -> None:
        tree = nested({
            "Name.1": "a", "Name.2": "b", "Pairs.1.k": "x", "Pairs.1.value": "1", "HowMuch": "1.5",
            "Entries.entry.1.key": "e", "Entries.entry.1.value.HowMuch": "NaN",
        })  # fmt: skip
        read = QueryReader().of(Shape({"shape": "Top"}, FLAT))(tree)
        assert read["Names"] == ["a", "b"]
        assert read["Pairs"] == {"x": "1"}
        assert read["Amount"] == 1.5
        assert str(read["Entries"]["e"]["Amount"]) == "nan"

    @pytest.mark.parametrize("fields", [{"Pairs.1.k": "x"}, {"Pairs.1": "x"}, {"Pairs": "x"}, {"Entries.1.key": "x"}, {"HowMuch": "1e"}])
    def test_nt_71_malformed_maps_are_malformed_input(self, fields: dict[str, str]) -> None:
        with pytest.raises(MalformedInput):
            QueryReader().of(Shape({"shape": "Top"}, FLAT))(nested(fields))

    def test_w6_3_flattened_lists_and_maps_are_written(self) -> None:
        write = XmlWriter(frozenset()).of(Shape({"shape": "Top"}, FLAT))
        written = write({"Names": ["a", "<"], "Pairs": {"x": "1"}, "Amount": float("inf"), "Entries": {"e": {"Amount": 0.5}}})
        assert written == (
            "<Name>a</Name><Name>&lt;</Name><Pairs><k>x</k><value>1</value></Pairs>"
            "<Entries><entry><key>e</key><value><HowMuch>0.5</HowMuch></value></entry></Entries><HowMuch>Infinity</HowMuch>"
        )


class TestResponses:
    def test_w6_3_a_void_success_is_never_empty(self, models: Models) -> None:
        answer = models.service("iam").operation("DeleteUser").success(None, "id-1")
        assert answer.status == 200
        assert answer.headers == [(b"content-type", b"text/xml"), (b"x-amzn-requestid", b"id-1")]
        assert answer.body == (
            b'<DeleteUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">'
            b"<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></DeleteUserResponse>"
        )

    def test_w6_4_the_result_stands_in_its_wrapper_even_if_empty(self, models: Models) -> None:
        assert b"<GetUserResult></GetUserResult>" in models.service("iam").operation("GetUser").success({}, "x").body

    def test_w6_3_an_empty_list_is_written_an_absent_one_is_not(self, models: Models) -> None:
        users = models.service("iam").operation("ListUsers")
        assert b"<Users></Users><IsTruncated>false</IsTruncated>" in users.success({"Users": [], "IsTruncated": False}, "x").body
        assert b"Users>" not in users.success({"Users": None}, "x").body.replace(b"ListUsers", b"")

    def test_undeclared_members_are_never_written(self, models: Models) -> None:
        answer = models.service("iam").operation("GetUser").success({"User": {"UserName": "a", "PasswordHash": "secret"}}, "x")
        assert b"secret" not in answer.body

    def test_w6_3_timestamps_are_iso_8601_with_milliseconds_only_if_there_are_any(self, models: Models) -> None:
        get_user = models.service("iam").operation("GetUser")
        for microsecond, text in ((0, b"00:00:00Z"), (999, b"00:00:00Z"), (120999, b"00:00:00.120Z")):
            created = datetime(2024, 1, 1, 0, 0, 0, microsecond, UTC)
            assert b"<CreateDate>2024-01-01T%s</CreateDate>" % text in get_user.success({"User": {"CreateDate": created}}, "x").body

    @pytest.mark.parametrize(("text", "written"), [
        ("a&b<c>d", b"a&amp;b&lt;c&gt;d"), ("]]>", b"]]&gt;"), ("a\rb", b"a&#xD;b"), ("a\n\tb", b"a\n\tb"),
        ("\x00\ufffe", "\ufffd\ufffd".encode()),
        ("\xa0é", "\xa0é".encode()),
    ])  # fmt: skip
    def test_text_is_escaped(self, models: Models, text: str, written: bytes) -> None:
        body = models.service("iam").operation("GetUser").success({"User": {"Arn": text}}, "x").body
        assert b"<Arn>" + written + b"</Arn>" in body

    @pytest.mark.covers("I2.wire.policy_documents")
    def test_w6_6_policy_documents_of_iam_are_percent_encoded_never_with_plus(self, models: Models) -> None:
        document = '{"a": "é+ %~"}'
        iam = models.service("iam")
        body = iam.operation("GetUserPolicy").success({"PolicyDocument": document}, "x").body
        assert b"<PolicyDocument>%7B%22a%22%3A%20%22%C3%A9%2B%20%25~%22%7D</PolicyDocument>" in body
        assert b"%7B%7D" in iam.operation("GetRole").success({"Role": {"AssumeRolePolicyDocument": "{}"}}, "x").body
        assert b"%7B%7D" in iam.operation("GetPolicyVersion").success({"PolicyVersion": {"Document": "{}"}}, "x").body

    def test_w6_7_other_documents_are_plain(self, models: Models) -> None:
        answer = models.service("sts").operation("DecodeAuthorizationMessage").success({"DecodedMessage": '{"a":1}'}, "x")
        assert b'<DecodedMessage>{"a":1}</DecodedMessage>' in answer.body

    def test_contested_query_as_json(self, models: Models) -> None:
        # W4.9: the form of the document that AWS gives to those who accept JSON
        identity = models.service("sts").operation("GetCallerIdentity")
        answer = identity.success({"Account": "123456789012"}, "id-1", accept_json=True)
        assert answer.headers[0] == (b"content-type", b"application/json")
        assert answer.body == (
            b'{"GetCallerIdentityResponse":{"GetCallerIdentityResult":{"Account":"123456789012"},"ResponseMetadata":{"RequestId":"id-1"}}}'
        )
        void = models.service("iam").operation("DeleteUser").success(None, "id-1", accept_json=True)
        assert void.body == b'{"DeleteUserResponse":{"ResponseMetadata":{"RequestId":"id-1"}}}'
