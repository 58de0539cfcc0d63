// Users, groups, roles, their keys, and the account.
import { strict as assert } from "node:assert";
import { EntityAlreadyExistsException, LimitExceededException, NoSuchEntityException } from "@aws-sdk/client-iam";
import { iam, person, refused, sts, trust } from "../clients.mjs";

export async function users() {
  const made = await iam.createUser({ UserName: "Uma", Path: "/team/", Tags: [{ Key: "team", Value: "blue" }] });
  assert.match(made.User.UserId, /^AIDA[A-Z0-9]{17}$/);
  assert.match(made.User.Arn, /^arn:aws:iam::[0-9]{12}:user\/team\/Uma$/);
  assert.ok(made.User.CreateDate instanceof Date);
  const got = (await iam.getUser({ UserName: "Uma" })).User;
  assert.deepEqual([got.UserId, got.Path, got.Tags], [made.User.UserId, "/team/", [{ Key: "team", Value: "blue" }]]);
  assert.deepEqual(got.CreateDate, made.User.CreateDate);
  await refused(iam.createUser({ UserName: "uma" }), EntityAlreadyExistsException, 409);

  await iam.updateUser({ UserName: "Uma", NewUserName: "Una", NewPath: "/crew/" });
  const moved = await iam.listUsers({ PathPrefix: "/crew/" });
  assert.deepEqual([moved.IsTruncated, moved.Users.map((user) => user.UserName)], [false, ["Una"]]);
  await iam.tagUser({ UserName: "Una", Tags: [{ Key: "team", Value: "red" }, { Key: "cost", Value: "7" }] });
  await iam.untagUser({ UserName: "Una", TagKeys: ["cost"] });
  assert.deepEqual((await iam.listUserTags({ UserName: "Una" })).Tags, [{ Key: "team", Value: "red" }]);
  await iam.deleteUser({ UserName: "Una" });
  await refused(iam.getUser({ UserName: "Una" }), NoSuchEntityException, 404);
}

export async function groups() {
  await iam.createUser({ UserName: "gil" });
  const { Group } = await iam.createGroup({ GroupName: "Guild", Path: "/g/" });
  assert.match(Group.GroupId, /^AGPA[A-Z0-9]{17}$/);
  await iam.addUserToGroup({ GroupName: "Guild", UserName: "gil" });
  const got = await iam.getGroup({ GroupName: "Guild" });
  assert.deepEqual([got.Group.Arn, got.Users.map((user) => user.UserName)], [Group.Arn, ["gil"]]);
  const joined = await iam.listGroupsForUser({ UserName: "gil" });
  assert.deepEqual(joined.Groups.map((group) => group.GroupId), [Group.GroupId]);
  await iam.updateGroup({ GroupName: "Guild", NewGroupName: "Gang" });
  assert.deepEqual((await iam.listGroups({ PathPrefix: "/g/" })).Groups.map((group) => group.GroupName), ["Gang"]);
  await iam.removeUserFromGroup({ GroupName: "Gang", UserName: "gil" });
  assert.deepEqual((await iam.getGroup({ GroupName: "Gang" })).Users, []);
  await iam.deleteGroup({ GroupName: "Gang" });
  await refused(iam.getGroup({ GroupName: "Gang" }), NoSuchEntityException, 404);
}

export async function roles() {
  const { Account } = await sts.getCallerIdentity({});
  const document = trust(`arn:aws:iam::${Account}:root`);
  const asked = { RoleName: "Rower", AssumeRolePolicyDocument: document, Description: "rows", MaxSessionDuration: 7200 };
  const { Role } = await iam.createRole({ ...asked, Tags: [{ Key: "boat", Value: "8" }] });
  assert.match(Role.RoleId, /^AROA[A-Z0-9]{17}$/);
  const got = (await iam.getRole({ RoleName: "Rower" })).Role;
  assert.deepEqual(JSON.parse(decodeURIComponent(got.AssumeRolePolicyDocument)), JSON.parse(document));
  assert.deepEqual([got.Description, got.MaxSessionDuration, got.Tags], ["rows", 7200, [{ Key: "boat", Value: "8" }]]);
  await iam.updateRole({ RoleName: "Rower", Description: "steers", MaxSessionDuration: 3600 });
  const described = await iam.updateRoleDescription({ RoleName: "Rower", Description: "rests" });
  assert.equal(described.Role.Description, "rests");
  assert.equal((await iam.getRole({ RoleName: "Rower" })).Role.MaxSessionDuration, 3600);
  const narrower = trust((await iam.getUser({})).User.Arn);
  await iam.updateAssumeRolePolicy({ RoleName: "Rower", PolicyDocument: narrower });
  const trusted = (await iam.getRole({ RoleName: "Rower" })).Role.AssumeRolePolicyDocument;
  assert.deepEqual(JSON.parse(decodeURIComponent(trusted)), JSON.parse(narrower));
  await iam.tagRole({ RoleName: "Rower", Tags: [{ Key: "oar", Value: "" }] });
  await iam.untagRole({ RoleName: "Rower", TagKeys: ["boat"] });
  assert.deepEqual((await iam.listRoleTags({ RoleName: "Rower" })).Tags, [{ Key: "oar", Value: "" }]);
  assert.ok((await iam.listRoles({})).Roles.some((role) => role.Arn === Role.Arn));
  await iam.deleteRole({ RoleName: "Rower" });
  await refused(iam.getRole({ RoleName: "Rower" }), NoSuchEntityException, 404);
}

export async function accessKeys() {
  const kim = await person("kim");
  const first = kim.credentials.accessKeyId;
  assert.match(first, /^AKIA[A-Z0-9]{16}$/);
  await kim.sts.getCallerIdentity({});
  const { AccessKey: second } = await iam.createAccessKey({ UserName: "kim" });
  await refused(iam.createAccessKey({ UserName: "kim" }), LimitExceededException, 409);
  const used = await iam.getAccessKeyLastUsed({ AccessKeyId: first });
  assert.deepEqual([used.UserName, used.AccessKeyLastUsed.ServiceName], ["kim", "sts"]);
  assert.ok(used.AccessKeyLastUsed.LastUsedDate instanceof Date);
  const never = (await iam.getAccessKeyLastUsed({ AccessKeyId: second.AccessKeyId })).AccessKeyLastUsed;
  assert.deepEqual([never.LastUsedDate, never.ServiceName, never.Region], [undefined, "N/A", "N/A"]);
  await iam.updateAccessKey({ UserName: "kim", AccessKeyId: first, Status: "Inactive" });
  const listed = (await iam.listAccessKeys({ UserName: "kim" })).AccessKeyMetadata;
  const statuses = Object.fromEntries(listed.map((key) => [key.AccessKeyId, key.Status]));
  assert.deepEqual(statuses, { [first]: "Inactive", [second.AccessKeyId]: "Active" });
  await refused(kim.sts.getCallerIdentity({}), "InvalidClientTokenId", 403);
  await iam.deleteAccessKey({ UserName: "kim", AccessKeyId: first });
  assert.equal((await iam.listAccessKeys({ UserName: "kim" })).AccessKeyMetadata.length, 1);
}

export async function account() {
  await iam.createAccountAlias({ AccountAlias: "script-shop" });
  assert.deepEqual((await iam.listAccountAliases({})).AccountAliases, ["script-shop"]);
  await iam.deleteAccountAlias({ AccountAlias: "script-shop" });
  assert.deepEqual((await iam.listAccountAliases({})).AccountAliases, []);
  const { SummaryMap } = await iam.getAccountSummary({});
  assert.equal(SummaryMap.AccessKeysPerUserQuota, 2);
  assert.ok(SummaryMap.Users > 0);
}
