// Who calls, and temporary credentials.
import { strict as assert } from "node:assert";
import { fromTemporaryCredentials } from "@aws-sdk/credential-providers";
import { allow, as, iam, person, refused, sts, trust } from "../clients.mjs";

export async function caller() {
  const who = await sts.getCallerIdentity({});
  const user = (await iam.getUser({})).User;
  assert.deepEqual([who.Arn, who.UserId], [user.Arn, user.UserId]);
  const { credentials } = await person("cal");
  assert.equal((await sts.getAccessKeyInfo({ AccessKeyId: credentials.accessKeyId })).Account, who.Account);
}

export async function sessionToken() {
  const tom = await person("tom", allow(["iam:*"]));
  const { Credentials } = await tom.sts.getSessionToken({ DurationSeconds: 900 });
  assert.match(Credentials.AccessKeyId, /^ASIA[A-Z0-9]{16}$/);
  const left = (Credentials.Expiration.getTime() - Date.now()) / 1000;
  assert.ok(left > 800 && left <= 905, `${left} s`);
  const session = as({
    accessKeyId: Credentials.AccessKeyId, secretAccessKey: Credentials.SecretAccessKey, sessionToken: Credentials.SessionToken,
  });
  assert.equal((await session.sts.getCallerIdentity({})).Arn, tom.arn);
  await refused(session.iam.listUsers({}), "InvalidClientTokenId", 403); // such a session may not call IAM without MFA
  const bare = as({ accessKeyId: Credentials.AccessKeyId, secretAccessKey: Credentials.SecretAccessKey });
  await refused(bare.sts.getCallerIdentity({}), "InvalidClientTokenId", 403);
}

export async function assumedRole() {
  const { Account } = await sts.getCallerIdentity({});
  const made = await iam.createRole({ RoleName: "night", AssumeRolePolicyDocument: trust(`arn:aws:iam::${Account}:root`) });
  await iam.attachRolePolicy({ RoleName: "night", PolicyArn: "arn:aws:iam::aws:policy/IAMReadOnlyAccess" });
  const nat = await person("nat");
  const params = { RoleArn: made.Role.Arn, RoleSessionName: "watch", DurationSeconds: 900 };
  await refused(nat.sts.assumeRole(params), "AccessDenied", 403);
  await iam.putUserPolicy({ UserName: "nat", PolicyName: "assume", PolicyDocument: allow(["sts:AssumeRole"], made.Role.Arn) });
  const watch = as(fromTemporaryCredentials({ masterCredentials: nat.credentials, params }));
  const arn = `arn:aws:sts::${Account}:assumed-role/night/watch`;
  const who = await watch.sts.getCallerIdentity({});
  assert.deepEqual([who.Arn, who.UserId], [arn, `${made.Role.RoleId}:watch`]);
  assert.equal((await watch.iam.getRole({ RoleName: "night" })).Role.RoleId, made.Role.RoleId);
  const denied = await refused(watch.iam.createUser({ UserName: "owl" }), "AccessDenied", 403);
  assert.ok(denied.message.startsWith(`User: ${arn} is not authorized to perform: iam:CreateUser on resource: `), denied.message);
}

export async function sessionPolicies() {
  const { Account } = await sts.getCallerIdentity({});
  const RoleArn = (
    await iam.createRole({ RoleName: "narrow", AssumeRolePolicyDocument: trust(`arn:aws:iam::${Account}:root`) })
  ).Role.Arn;
  await iam.attachRolePolicy({ RoleName: "narrow", PolicyArn: "arn:aws:iam::aws:policy/IAMFullAccess" });
  const ned = await person("ned", allow(["sts:AssumeRole"], RoleArn));
  const params = { RoleArn, RoleSessionName: "thin", Policy: allow(["iam:ListRoles"]) };
  const thin = as(fromTemporaryCredentials({ masterCredentials: ned.credentials, params }));
  assert.ok((await thin.iam.listRoles({})).Roles.length > 0);
  const denied = await refused(thin.iam.listUsers({}), "AccessDenied", 403);
  assert.match(denied.message, /because no session policy allows the iam:ListUsers action$/);
  const managed = { RoleArn, RoleSessionName: "read", PolicyArns: [{ arn: "arn:aws:iam::aws:policy/IAMReadOnlyAccess" }] };
  const read = as(fromTemporaryCredentials({ masterCredentials: ned.credentials, params: managed }));
  await read.iam.listUsers({});
  await refused(read.iam.deleteUser({ UserName: "ned" }), "AccessDenied", 403);
}
