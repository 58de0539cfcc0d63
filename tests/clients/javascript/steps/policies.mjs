// Policies of both kinds, boundaries, and what is told of a policy's effect.
import { strict as assert } from "node:assert";
import { setTimeout as sleep } from "node:timers/promises";
import { DeleteConflictException, NoSuchEntityException } from "@aws-sdk/client-iam";
import { allow, iam, person, refused, sts, trust } from "../clients.mjs";

const READ_ONLY = "arn:aws:iam::aws:policy/IAMReadOnlyAccess";

/** One of each, with these names: [attach/put, the parameters that name it]. */
async function one(name) {
  const { Account } = await sts.getCallerIdentity({});
  await iam.createUser({ UserName: name });
  await iam.createGroup({ GroupName: name });
  await iam.createRole({ RoleName: name, AssumeRolePolicyDocument: trust(`arn:aws:iam::${Account}:root`) });
  return { User: { UserName: name }, Group: { GroupName: name }, Role: { RoleName: name } };
}

export async function managed() {
  const document = allow(["iam:Get*"]);
  const asked = { PolicyName: "Getters", Path: "/p/", PolicyDocument: document, Description: "get all" };
  const { Policy } = await iam.createPolicy({ ...asked, Tags: [{ Key: "a", Value: "b" }] });
  const PolicyArn = Policy.Arn;
  assert.match(Policy.PolicyId, /^ANPA[A-Z0-9]{17}$/);
  const holders = await one("holder");
  for (const [kind, named] of Object.entries(holders)) {
    await iam[`attach${kind}Policy`]({ ...named, PolicyArn });
    const attached = await iam[`listAttached${kind}Policies`](named);
    assert.deepEqual(attached.AttachedPolicies, [{ PolicyName: "Getters", PolicyArn }]);
  }
  const got = (await iam.getPolicy({ PolicyArn })).Policy;
  assert.deepEqual([got.AttachmentCount, got.IsAttachable, got.Description, got.DefaultVersionId], [3, true, "get all", "v1"]);
  const entities = await iam.listEntitiesForPolicy({ PolicyArn });
  const counted = [entities.PolicyUsers, entities.PolicyGroups, entities.PolicyRoles].map((list) => list.length);
  assert.deepEqual(counted, [1, 1, 1]);
  await refused(iam.deletePolicy({ PolicyArn }), DeleteConflictException, 409);
  assert.deepEqual((await iam.listPolicies({ Scope: "Local", PathPrefix: "/p/" })).Policies.map((policy) => policy.Arn), [PolicyArn]);
  await iam.tagPolicy({ PolicyArn, Tags: [{ Key: "c", Value: "d" }] });
  await iam.untagPolicy({ PolicyArn, TagKeys: ["a"] });
  assert.deepEqual((await iam.listPolicyTags({ PolicyArn })).Tags, [{ Key: "c", Value: "d" }]);
  for (const [kind, named] of Object.entries(holders)) await iam[`detach${kind}Policy`]({ ...named, PolicyArn });
  await iam.deletePolicy({ PolicyArn });
  await refused(iam.getPolicy({ PolicyArn }), NoSuchEntityException, 404);
}

export async function versions() {
  const documents = [allow(["iam:Get*"]), allow(["iam:List*"])];
  const PolicyArn = (await iam.createPolicy({ PolicyName: "Versioned", PolicyDocument: documents[0] })).Policy.Arn;
  const second = await iam.createPolicyVersion({ PolicyArn, PolicyDocument: documents[1], SetAsDefault: true });
  assert.deepEqual([second.PolicyVersion.VersionId, second.PolicyVersion.IsDefaultVersion], ["v2", true]);
  for (const [index, document] of documents.entries()) {
    const got = (await iam.getPolicyVersion({ PolicyArn, VersionId: `v${index + 1}` })).PolicyVersion;
    assert.deepEqual(JSON.parse(decodeURIComponent(got.Document)), JSON.parse(document));
  }
  await refused(iam.deletePolicyVersion({ PolicyArn, VersionId: "v2" }), DeleteConflictException, 409);
  await iam.setDefaultPolicyVersion({ PolicyArn, VersionId: "v1" });
  await iam.deletePolicyVersion({ PolicyArn, VersionId: "v2" });
  assert.deepEqual((await iam.listPolicyVersions({ PolicyArn })).Versions.map((version) => version.VersionId), ["v1"]);
  await iam.deletePolicy({ PolicyArn });
}

export async function inline() {
  const PolicyName = "inline";
  const PolicyDocument = allow(["iam:ListUsers"], "arn:aws:iam::*:user/ä+b c/*");
  for (const [kind, named] of Object.entries(await one("inliner"))) {
    await iam[`put${kind}Policy`]({ ...named, PolicyName, PolicyDocument });
    assert.deepEqual((await iam[`list${kind}Policies`](named)).PolicyNames, [PolicyName]);
    const got = await iam[`get${kind}Policy`]({ ...named, PolicyName });
    assert.deepEqual(JSON.parse(decodeURIComponent(got.PolicyDocument)), JSON.parse(PolicyDocument));
    await refused(iam[`delete${kind}`](named), DeleteConflictException, 409);
    await iam[`delete${kind}Policy`]({ ...named, PolicyName });
    await refused(iam[`get${kind}Policy`]({ ...named, PolicyName }), NoSuchEntityException, 404);
    await iam[`delete${kind}`](named);
  }
}

export async function boundaries() {
  const bo = await person("bo", allow(["iam:*"]));
  await iam.putUserPermissionsBoundary({ UserName: "bo", PermissionsBoundary: READ_ONLY });
  const bounded = (await iam.getUser({ UserName: "bo" })).User.PermissionsBoundary;
  assert.deepEqual(bounded, { PermissionsBoundaryType: "Policy", PermissionsBoundaryArn: READ_ONLY });
  await bo.iam.listUsers({});
  const error = await refused(bo.iam.createGroup({ GroupName: "beyond" }), "AccessDenied", 403);
  assert.match(error.message, /because no permissions boundary allows the iam:CreateGroup action$/);
  await iam.deleteUserPermissionsBoundary({ UserName: "bo" });
  await bo.iam.createGroup({ GroupName: "beyond" });
}

export async function simulation() {
  const sim = await person("sim", allow(["iam:ListUsers"]));
  const asked = { PolicySourceArn: sim.arn, ActionNames: ["iam:ListUsers", "iam:CreateUser"] };
  const { EvaluationResults } = await iam.simulatePrincipalPolicy(asked);
  const decisions = EvaluationResults.map((result) => [result.EvalActionName, result.EvalDecision]);
  assert.deepEqual(decisions, [["iam:ListUsers", "allowed"], ["iam:CreateUser", "implicitDeny"]]);
  const drafted = await iam.simulateCustomPolicy({ PolicyInputList: [allow(["iam:CreateUser"])], ActionNames: ["iam:CreateUser"] });
  assert.equal(drafted.EvaluationResults[0].EvalDecision, "allowed");
}

export async function lastAccessed() {
  const las = await person("las", allow(["iam:*"]));
  await las.iam.listUsers({});
  const { JobId } = await iam.generateServiceLastAccessedDetails({ Arn: las.arn });
  let told;
  while ((told = await iam.getServiceLastAccessedDetails({ JobId })).JobStatus === "IN_PROGRESS") await sleep(100);
  assert.equal(told.JobStatus, "COMPLETED");
  const used = told.ServicesLastAccessed.filter((service) => service.LastAuthenticated instanceof Date);
  assert.deepEqual(used.map((service) => service.ServiceNamespace), ["iam"]);
}
