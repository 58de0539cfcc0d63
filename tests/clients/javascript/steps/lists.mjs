// Lists that go over several pages, and waiters.
import { strict as assert } from "node:assert";
import { setTimeout as sleep } from "node:timers/promises";
import {
  paginateGetGroup, paginateListAccessKeys, paginateListGroups, paginateListPolicies, paginateListRoles, paginateListUsers,
  waitUntilPolicyExists, waitUntilRoleExists, waitUntilUserExists,
} from "@aws-sdk/client-iam";
import { allow, iam, sts, trust } from "../clients.mjs";

/** The pages that a paginator goes through, each as the list of what `member` holds. (A paginator writes into the input that it is given.) */
async function pages(paginate, pageSize, input, member) {
  const found = [];
  for await (const page of paginate({ client: iam, pageSize }, { ...input })) found.push(page[member]);
  return found;
}

const sizes = (list) => list.map((page) => page.length);

export async function paginators() {
  const { Account } = await sts.getCallerIdentity({});
  const names = [1, 2, 3, 4, 5, 6, 7].map((number) => `page-${number}`);
  await iam.createGroup({ GroupName: "readers", Path: "/pages/" });
  await iam.createGroup({ GroupName: "writers", Path: "/pages/" });
  for (const name of names) {
    await iam.createUser({ UserName: name, Path: "/pages/" });
    await iam.addUserToGroup({ UserName: name, GroupName: "readers" });
    await iam.createRole({ RoleName: name, Path: "/pages/", AssumeRolePolicyDocument: trust(`arn:aws:iam::${Account}:root`) });
  }
  const below = { PathPrefix: "/pages/" };
  const users = await pages(paginateListUsers, 3, below, "Users");
  assert.deepEqual([sizes(users), users.flat().map((user) => user.UserName)], [[3, 3, 1], names]);
  const roles = await pages(paginateListRoles, 4, below, "Roles");
  assert.deepEqual([sizes(roles), roles.flat().map((role) => role.RoleName)], [[4, 3], names]);
  const members = await pages(paginateGetGroup, 5, { GroupName: "readers" }, "Users");
  assert.deepEqual(members.flat().map((user) => user.UserName).sort(), names);
  assert.deepEqual(sizes(await pages(paginateListGroups, 1, below, "Groups")), [1, 1]);
  assert.deepEqual(await pages(paginateListAccessKeys, 1, { UserName: names[0] }, "AccessKeyMetadata"), [[]]);
  const managed = (await pages(paginateListPolicies, 10, { Scope: "AWS" }, "Policies")).flat();
  assert.ok(managed.length > 40);
  assert.equal(new Set(managed.map((policy) => policy.Arn)).size, managed.length);
}

export async function waiters() {
  const { Account } = await sts.getCallerIdentity({});
  const patience = { client: iam, maxWaitTime: 20, minDelay: 1, maxDelay: 1 };
  const waiting = waitUntilUserExists(patience, { UserName: "wanda" });
  await sleep(300);
  await iam.createUser({ UserName: "wanda" });
  assert.equal((await waiting).state, "SUCCESS");
  await iam.createRole({ RoleName: "waited", AssumeRolePolicyDocument: trust(`arn:aws:iam::${Account}:root`) });
  assert.equal((await waitUntilRoleExists(patience, { RoleName: "waited" })).state, "SUCCESS");
  const { Policy } = await iam.createPolicy({ PolicyName: "waited", PolicyDocument: allow(["iam:Get*"]) });
  assert.equal((await waitUntilPolicyExists(patience, { PolicyArn: Policy.Arn })).state, "SUCCESS");
  await assert.rejects(waitUntilUserExists({ ...patience, maxWaitTime: 2 }, { UserName: "godot" }), { name: "TimeoutError" });
}
