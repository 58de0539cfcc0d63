"""Custom dashboards: widgets whose queries are run together, on behalf of whoever asks for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.lakes import Lake

if TYPE_CHECKING:
    from tests.conftest import World

    from akia.store.founding import KeyPair

pytestmark = pytest.mark.covers("I5.lake.dashboards")


@pytest.fixture
def lake(akia: World) -> Lake:
    return Lake(akia)


@pytest.fixture
def client(akia: World) -> Any:
    return akia.client("cloudtrail")


def widget(store: str, condition: str = "eventTime > ?", *parameters: str) -> dict[str, Any]:
    statement = f"SELECT count(*) AS n FROM {store[-36:]} WHERE {condition}"
    return {"QueryStatement": statement, "ViewProperties": {"Title": "How many"}} | (
        {"QueryParameters": [*parameters]} if parameters else {}
    )


def test_a_dashboard_has_what_it_was_given(akia: World, client: Any, lake: Lake) -> None:
    store, tags = lake.made(), [{"Key": "team", "Value": "red"}]
    widgets = [widget(store, "eventTime > ?", "$StartTime$"), widget(store, "true")]
    made = client.create_dashboard(Name="calls", Widgets=widgets, TagsList=tags)
    shown = [{**each, "QueryAlias": f"calls-widget-{number}"} for number, each in enumerate(widgets, 1)]
    arn = f"arn:aws:cloudtrail:us-east-1:{akia.account}:dashboard/calls"
    del made["ResponseMetadata"]
    assert made == {
        "DashboardArn": arn, "Name": "calls", "Type": "CUSTOM", "Widgets": shown, "TagsList": tags, "TerminationProtectionEnabled": False,
    }  # fmt: skip
    for name in ("calls", arn):
        got = client.get_dashboard(DashboardId=name)
        assert (got["DashboardArn"], got["Widgets"], got["Status"]) == (arn, shown, "CREATED")
        assert "LastRefreshId" not in got
    assert client.list_dashboards()["Dashboards"] == [{"DashboardArn": arn, "Type": "CUSTOM"}]
    assert client.list_tags(ResourceIdList=[arn])["ResourceTagList"][0]["TagsList"] == tags


def test_a_refresh_runs_the_query_of_each_widget(akia: World, client: Any, lake: Lake) -> None:
    store = lake.made()
    made = [
        widget(store, "eventName = 'CreateUser' AND eventTime > ? AND eventTime < ?", "$StartTime$", "$EndTime$"),
        widget(store, "false"),
    ]
    client.create_dashboard(Name="calls", Widgets=made)
    for name in ("alice", "bob"):
        akia.client("iam").create_user(UserName=name)
    lake.fill()

    def numbers(**values: str) -> list[str]:
        given = {"QueryParameterValues": {f"${name}$": value for name, value in values.items()}} if values else {}
        refresh = client.start_dashboard_refresh(DashboardId="calls", **given)["RefreshId"]
        assert client.get_dashboard(DashboardId="calls")["LastRefreshId"] == refresh
        lake.answer()
        aliases = [each["QueryAlias"] for each in client.get_dashboard(DashboardId="calls")["Widgets"]]
        queries = [client.describe_query(QueryAlias=alias, RefreshId=refresh)["QueryId"] for alias in aliases]
        return [client.get_query_results(QueryId=query)["QueryResultRows"][0][0]["n"] for query in queries]

    assert numbers(EndTime="2100-01-01T00:00:00") == ["2", "0"]
    assert numbers(StartTime="2000-01-01T00:00:00", EndTime="2000-01-02T00:00:00") == ["0", "0"]


def test_what_is_left_out_of_an_update_stays(client: Any, lake: Lake) -> None:
    store = lake.made()
    client.create_dashboard(Name="calls", Widgets=[widget(store, "true")], TerminationProtectionEnabled=True)
    changed = client.update_dashboard(DashboardId="calls", Widgets=[widget(store, "false")])
    assert (len(changed["Widgets"]), changed["TerminationProtectionEnabled"]) == (1, True)
    schedule = {"Frequency": {"Unit": "HOURS", "Value": 6}, "Status": "DISABLED"}
    changed = client.update_dashboard(DashboardId="calls", TerminationProtectionEnabled=False, RefreshSchedule=schedule)
    assert (changed["Widgets"][0]["QueryStatement"][-5:], changed["RefreshSchedule"]) == ("false", schedule)


def test_a_protected_dashboard_is_not_deleted(akia: World, client: Any, refused: Any) -> None:
    arn = client.create_dashboard(Name="calls", TerminationProtectionEnabled=True)["DashboardArn"]
    assert refused(client.delete_dashboard, DashboardId="calls")[:2] == ("ConflictException", 400)
    client.update_dashboard(DashboardId="calls", TerminationProtectionEnabled=False)
    statement = {"Effect": "Allow", "Principal": "*", "Action": "cloudtrail:StartDashboardRefresh", "Resource": arn}
    client.put_resource_policy(ResourceArn=arn, ResourcePolicy=json.dumps({"Version": "2012-10-17", "Statement": statement}))
    client.delete_dashboard(DashboardId=arn)
    assert akia.akia.store.trail_resource_policies.get(arn) is None
    for operation in (client.get_dashboard, client.delete_dashboard, client.update_dashboard, client.start_dashboard_refresh):
        assert refused(operation, DashboardId="calls")[:2] == ("ResourceNotFoundException", 400)


def test_what_is_no_dashboard(client: Any, lake: Lake, outside_store: Any, refused: Any) -> None:
    store = lake.made()

    def code(**given: Any) -> str:
        told: tuple[str, int, str] = refused(client.create_dashboard, **{"Name": "calls"} | given)
        assert told[1] == 400
        return told[0]

    unknown = "00000000-0000-4000-8000-000000000000"
    assert code(Widgets=[{"QueryStatement": "DROP TABLE x", "ViewProperties": {}}]) == "InvalidQueryStatementException"
    assert code(Widgets=[{"QueryStatement": f"DELETE FROM {store[-36:]}", "ViewProperties": {}}]) == "InvalidQueryStatementException"
    assert code(Widgets=[widget(store, "eventTime > ?")]) == "InvalidQueryStatementException"
    assert code(Widgets=[widget(unknown, "true")]) == "EventDataStoreNotFoundException"
    assert code(Widgets=[widget(store, "true")] * 11) == "ServiceQuotaExceededException"
    assert code(Name="AWSCloudTrail-Highlights") == "UnsupportedOperationException"
    schedule = {"Frequency": {"Unit": "HOURS", "Value": 6}, "Status": "ENABLED"}
    assert code(RefreshSchedule=schedule) == "UnsupportedOperationException"
    assert code(TagsList=[{"Key": "a", "Value": "b"}, {"Key": "a", "Value": "c"}]) == "InvalidTagParameterException"
    client.create_dashboard(Name="calls")
    assert code() == "ConflictException"
    wrong = {"$Other$": "x"}
    assert refused(client.start_dashboard_refresh, DashboardId="calls", QueryParameterValues=wrong)[0] == "UnsupportedOperationException"


def test_queries_are_not_more_than_an_account_may_run(
    client: Any, akia: World, lake: Lake, refused: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.create_dashboard(Name="calls", Widgets=[widget(lake.made(), "true")] * 10)
    monkeypatch.setattr(type(akia.akia.queries), "take_turn", lambda self, writer: None)  # they wait
    client.start_dashboard_refresh(DashboardId="calls")
    assert refused(client.start_dashboard_refresh, DashboardId="calls")[:2] == ("ServiceQuotaExceededException", 400)


def test_dashboards_come_in_pages(client: Any) -> None:
    for name in ("one", "two", "twelve"):
        client.create_dashboard(Name=name)
    first = client.list_dashboards(MaxResults=2)
    rest = client.list_dashboards(MaxResults=2, NextToken=first["NextToken"])
    assert [each["DashboardArn"].rpartition("/")[2] for each in first["Dashboards"] + rest["Dashboards"]] == ["one", "twelve", "two"]
    assert len(client.list_dashboards(NamePrefix="two")["Dashboards"]) == 1
    assert client.list_dashboards(Type="MANAGED")["Dashboards"] == []


def test_nt_99_dashboards_of_another_account_do_not_show(akia: World, client: Any, other_root: KeyPair, refused: Any) -> None:
    arn = client.create_dashboard(Name="calls")["DashboardArn"]
    stranger = akia.client("cloudtrail", other_root)
    assert stranger.list_dashboards()["Dashboards"] == []
    for name in ("calls", arn):
        assert refused(stranger.get_dashboard, DashboardId=name)[0] == "ResourceNotFoundException"


def test_nobody_sees_through_a_dashboard_what_he_may_not_query(akia: World, client: Any, lake: Lake, refused: Any) -> None:
    store = lake.made()
    client.create_dashboard(Name="calls", Widgets=[widget(store, "true")])
    dashboards = {"Action": ["cloudtrail:*Dashboard*"]}
    person = akia.person("person", dashboards).client("cloudtrail")
    widgets = [widget(store, "true")]
    for operation, given in (
        (person.start_dashboard_refresh, {"DashboardId": "calls"}),
        (person.create_dashboard, {"Name": "own", "Widgets": widgets}),
        (person.update_dashboard, {"DashboardId": "calls", "Widgets": widgets}),
    ):
        told = refused(operation, **given)
        assert told[0] == "AccessDeniedException"
        assert f"cloudtrail:StartQuery on resource: {store}" in told[2]
    assert person.get_dashboard(DashboardId="calls")["Type"] == "CUSTOM"
    nobody = akia.person("nobody").client("cloudtrail")
    assert refused(nobody.get_dashboard, DashboardId="calls")[0] == "AccessDeniedException"


def test_resource_policies_of_dashboards_and_stores_count(akia: World, client: Any, lake: Lake, refused: Any) -> None:
    store, alice = lake.made(), akia.person("alice")
    arn = client.create_dashboard(Name="calls", Widgets=[widget(store, "true")])["DashboardArn"]

    def put(resource: str, **statement: Any) -> None:
        made = {"Effect": "Allow", "Principal": {"AWS": alice.arn}, "Resource": resource} | statement
        client.put_resource_policy(ResourceArn=resource, ResourcePolicy=json.dumps({"Version": "2012-10-17", "Statement": made}))

    refresh = alice.client("cloudtrail").start_dashboard_refresh
    put(arn, Action="cloudtrail:StartDashboardRefresh")
    assert f"cloudtrail:StartQuery on resource: {store}" in refused(refresh, DashboardId="calls")[2]
    put(store, Action="cloudtrail:StartQuery")
    assert refresh(DashboardId="calls")["RefreshId"]
    put(store, Action="cloudtrail:StartQuery", Effect="Deny")
    assert refused(refresh, DashboardId="calls")[0] == "AccessDeniedException"
