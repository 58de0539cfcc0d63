"""What people do with the AWS CLI every day, with the unmodified versions 1 and 2, against akia as a user starts it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
from tests.clients.command_line import VERSIONS, CommandLine
from tests.clients.test_aws_cli import allow

if TYPE_CHECKING:
    from tests.served import Served

pytestmark = pytest.mark.covers("I4.clients.cli", "I2.clients.cli")

READ_ONLY = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"


@pytest.fixture(scope="module", params=VERSIONS)
def aws(request: pytest.FixtureRequest, served: Served) -> CommandLine:
    return CommandLine(request.param, served)


def trust(account: str, **more: object) -> str:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


def new_person(aws: CommandLine, name: str, policy: str) -> CommandLine:
    """A user with a key and an inline policy, made by boto3, which is quicker; the CLI as that user."""
    iam = aws.served.client("iam")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy)
    return aws.with_credentials(iam.create_access_key(UserName=name)["AccessKey"])


def new_reader_role(aws: CommandLine, name: str, document: str) -> str:
    """The ARN of a role with that trust policy, whose holders may read IAM."""
    iam = aws.served.client("iam")
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    iam.attach_role_policy(RoleName=name, PolicyArn=READ_ONLY)
    return arn


def account_of(aws: CommandLine) -> str:
    return str(aws.served.client("sts").get_caller_identity()["Account"])


def test_users_and_groups_are_made_changed_and_deleted(aws: CommandLine) -> None:
    user, group = f"{aws.version}-ann", f"{aws.version}-crew"
    of_user, of_group = ("--user-name", user), ("--group-name", group)
    made = aws("iam", "create-user", *of_user, "--path", "/staff/", "--tags", "Key=team,Value=blue")["User"]
    assert (made["UserName"], made["Path"], made["Tags"]) == (user, "/staff/", [{"Key": "team", "Value": "blue"}])
    aws("iam", "create-group", *of_group)
    assert aws("iam", "add-user-to-group", *of_user, *of_group) is None
    assert [one["Arn"] for one in aws("iam", "get-group", *of_group)["Users"]] == [made["Arn"]]
    assert [one["GroupName"] for one in aws("iam", "list-groups-for-user", *of_user)["Groups"]] == [group]
    assert "(DeleteConflict)" in aws.refusal("iam", "delete-user", *of_user)
    aws("iam", "remove-user-from-group", *of_user, *of_group)
    aws("iam", "update-user", *of_user, "--new-path", "/")
    assert aws("iam", "get-user", *of_user)["User"]["Path"] == "/"
    aws("iam", "delete-group", *of_group)
    aws("iam", "delete-user", *of_user)
    gone = aws.refusal("iam", "get-user", *of_user)
    assert "An error occurred (NoSuchEntity) when calling the GetUser operation" in gone
    assert gone.endswith(f"The user with name {user} cannot be found.")


def test_policies_come_from_files_and_are_shown_as_documents(aws: CommandLine) -> None:
    """The CLI decodes the URL-encoded documents of get-policy-version, get-user-policy and get-role."""
    user = ("--user-name", f"{aws.version}-paul")
    (aws.home / "policy.json").write_text(allow("iam:List*"))
    aws("iam", "create-user", *user)
    arn = aws("iam", "create-policy", "--policy-name", f"{aws.version}-lists", "--policy-document", "file://policy.json")["Policy"]["Arn"]
    policy = ("--policy-arn", arn)
    aws("iam", "create-policy-version", *policy, "--policy-document", allow("iam:Get*"), "--set-as-default")
    shown = {
        version: aws("iam", "get-policy-version", *policy, "--version-id", version)["PolicyVersion"]["Document"] for version in ("v1", "v2")
    }
    assert shown == {"v1": json.loads(allow("iam:List*")), "v2": json.loads(allow("iam:Get*"))}
    aws("iam", "attach-user-policy", *user, *policy)
    assert aws("iam", "list-attached-user-policies", *user)["AttachedPolicies"][0]["PolicyArn"] == arn
    assert aws("iam", "list-entities-for-policy", *policy)["PolicyUsers"][0]["UserName"] == user[1]
    aws("iam", "put-user-policy", *user, "--policy-name", "own", "--policy-document", "file://policy.json")
    own = aws("iam", "get-user-policy", *user, "--policy-name", "own")
    assert own["PolicyDocument"] == json.loads(allow("iam:List*"))
    aws("iam", "detach-user-policy", *user, *policy)
    aws("iam", "delete-policy-version", *policy, "--version-id", "v1")
    aws("iam", "delete-policy", *policy)
    assert "(NoSuchEntity)" in aws.refusal("iam", "get-policy", *policy)


def test_wait_user_exists_returns_once_there_is_the_user(aws: CommandLine) -> None:
    user = ("--user-name", f"{aws.version}-late")
    with aws.start("iam", "wait", "user-exists", *user) as waiting:
        time.sleep(1.5)
        assert waiting.poll() is None, "it waits"
        aws("iam", "create-user", *user)
        assert waiting.wait(30) == 0
    aws("iam", "wait", "policy-exists", "--policy-arn", READ_ONLY)


def test_lists_are_cut_into_pages_and_put_together_again(aws: CommandLine) -> None:
    path, names = f"/{aws.version}/pages/", [f"{aws.version}-page-{number}" for number in range(5)]
    for name in names:
        aws.served.client("iam").create_user(UserName=name, Path=path)
    users = ("iam", "list-users", "--path-prefix", path)

    def named(answer: dict[str, list[dict[str, str]]]) -> list[str]:
        return [user["UserName"] for user in answer["Users"]]

    assert named(aws(*users, "--page-size", "2")) == names
    first = aws(*users, "--max-items", "3")
    assert named(first) == names[:3]
    assert named(aws(*users, "--starting-token", first["NextToken"])) == names[3:]
    inside = aws(*users, "--max-items", "3", "--page-size", "2")
    assert named(aws(*users, "--starting-token", inside["NextToken"], "--page-size", "2")) == names[3:]
    single = aws(*users, "--max-items", "2", "--no-paginate")
    assert (named(single), single["IsTruncated"]) == (names[:2], True)


def test_answers_are_queried_and_printed_in_every_form(aws: CommandLine) -> None:
    role = f"{aws.version}-printed"
    account = account_of(aws)
    aws("iam", "create-role", "--role-name", role, "--assume-role-policy-document", trust(account))
    ask = ("iam", "list-roles", "--query", f"Roles[?RoleName=='{role}'].[RoleName,Arn]")
    arn = f"arn:aws:iam::{account}:role/{role}"
    assert aws(*ask) == [[role, arn]]
    assert aws.text(*ask, "--output", "text") == f"{role}\t{arn}\n"
    assert f"|  {role}" in aws.text(*ask, "--output", "table")
    if aws.version == "v2":
        assert aws.text(*ask, "--output", "yaml").split() == ["-", "-", role, "-", arn]


def test_a_skeleton_is_filled_and_sent(aws: CommandLine) -> None:
    user = f"{aws.version}-bones"
    skeleton = json.loads(aws.text("iam", "create-user", "--generate-cli-skeleton", "input"))
    assert {"Path", "UserName", "PermissionsBoundary", "Tags"} <= skeleton.keys()
    filled = skeleton | {"Path": "/b/", "UserName": user, "PermissionsBoundary": READ_ONLY, "Tags": [{"Key": "k", "Value": "v"}]}
    (aws.home / "user.json").write_text(json.dumps(filled))
    made = aws("iam", "create-user", "--cli-input-json", "file://user.json")["User"]
    assert (made["UserName"], made["PermissionsBoundary"]["PermissionsBoundaryArn"]) == (user, READ_ONLY)
    if aws.version == "v2":
        (aws.home / "tags.yaml").write_text(f"UserName: {user}\nTags:\n- Key: bone\n  Value: marrow\n")
        aws("iam", "tag-user", "--cli-input-yaml", "file://tags.yaml")
        assert {"Key": "bone", "Value": "marrow"} in aws("iam", "list-user-tags", "--user-name", user)["Tags"]


def test_a_role_is_assumed_by_hand(aws: CommandLine) -> None:
    account, role = account_of(aws), f"{aws.version}-hand"
    arn = new_reader_role(aws, role, trust(account))
    person = new_person(aws, f"{aws.version}-hal", allow("sts:AssumeRole", resource=arn))
    assume = ("sts", "assume-role", "--role-arn", arn, "--role-session-name", "by-hand", "--duration-seconds", "900")
    session = aws.with_credentials(person(*assume)["Credentials"])
    assert session("sts", "get-caller-identity")["Arn"] == f"arn:aws:sts::{account}:assumed-role/{role}/by-hand"
    assert session("iam", "get-role", "--role-name", role)["Role"]["AssumeRolePolicyDocument"] == json.loads(trust(account))
    assert "(AccessDenied)" in session.refusal("iam", "delete-role", "--role-name", role)


def role_profiles(aws: CommandLine, name: str) -> tuple[CommandLine, str]:
    """The CLI with profiles: `base` holds a key, `job` and `keyless` take a role that asks for an external id, which `keyless` lacks."""
    account, role = account_of(aws), f"{aws.version}-{name}"
    arn = new_reader_role(aws, role, trust(account, Condition={"StringEquals": {"sts:ExternalId": "letmein"}}))
    key = new_person(aws, role, allow("sts:AssumeRole", resource=arn)).variables
    base = f"aws_access_key_id = {key['AWS_ACCESS_KEY_ID']}\naws_secret_access_key = {key['AWS_SECRET_ACCESS_KEY']}\n"
    takes = f"role_arn = {arn}\nsource_profile = base\nrole_session_name = shift\n"
    text = f"[profile base]\n{base}[profile job]\n{takes}external_id = letmein\nduration_seconds = 900\n[profile keyless]\n{takes}"
    return aws.with_profiles(text), f"arn:aws:sts::{account}:assumed-role/{role}/shift"


def test_a_profile_with_role_arn_takes_the_role(aws: CommandLine) -> None:
    profiles, session = role_profiles(aws, "profile")
    assert profiles("sts", "get-caller-identity", "--profile", "job")["Arn"] == session
    assert profiles("iam", "list-users", "--profile", "job")["Users"]
    assert profiles("sts", "get-caller-identity", "--profile", "base")["Arn"].endswith(f":user/{aws.version}-profile")
    assert "(AccessDenied)" in profiles.refusal("iam", "list-users", "--profile", "base")
    assert "when calling the AssumeRole operation" in profiles.refusal("iam", "list-users", "--profile", "keyless")


def test_export_credentials_hands_a_session_on(served: Served) -> None:
    """Version 2 only: as variables of a shell, and as a `credential_process` of another profile."""
    aws = CommandLine("v2", served)
    profiles, session = role_profiles(aws, "export")
    lines = profiles.text("configure", "export-credentials", "--profile", "job", "--format", "env-no-export").split()
    exported = dict(line.split("=", 1) for line in lines)
    given = {"AccessKeyId": "AWS_ACCESS_KEY_ID", "SecretAccessKey": "AWS_SECRET_ACCESS_KEY", "SessionToken": "AWS_SESSION_TOKEN"}
    receiver = aws.with_credentials({name: exported[variable] for name, variable in given.items()})
    assert receiver("sts", "get-caller-identity")["Arn"] == session
    process = json.loads(profiles.text("configure", "export-credentials", "--profile", "job"))
    assert (process["Version"], process["AccessKeyId"][:4]) == (1, "ASIA")
    command = f"{aws.program} configure export-credentials --profile job"
    config = aws.home / ".aws/config"
    config.write_text(f"{config.read_text()}[profile handed]\ncredential_process = {command}\n")
    assert profiles("sts", "get-caller-identity", "--profile", "handed")["Arn"] == session
