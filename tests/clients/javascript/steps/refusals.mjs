// What is refused, and as which error the SDK throws it.
import { strict as assert } from "node:assert";
import {
  DeleteConflictException, EntityAlreadyExistsException, InvalidInputException, MalformedPolicyDocumentException, NoSuchEntityException,
} from "@aws-sdk/client-iam";
import { allow, as, iam, person, refused, sts } from "../clients.mjs";

export async function errors() {
  const missing = await refused(iam.getUser({ UserName: "nobody" }), NoSuchEntityException, 404);
  assert.equal(missing.message, "The user with name nobody cannot be found.");
  assert.deepEqual([missing.name, missing.$fault], ["NoSuchEntityException", "client"]);
  await iam.createUser({ UserName: "erin" });
  const twice = await refused(iam.createUser({ UserName: "erin" }), EntityAlreadyExistsException, 409);
  assert.equal(twice.message, "User with name erin already exists.");
  await iam.createAccessKey({ UserName: "erin" });
  await refused(iam.deleteUser({ UserName: "erin" }), DeleteConflictException, 409);
  const broken = { UserName: "erin", PolicyName: "p", PolicyDocument: "{" };
  await refused(iam.putUserPolicy(broken), MalformedPolicyDocumentException, 400);
  const lower = { UserName: "erin", Tags: [{ Key: "a", Value: "1" }, { Key: "A", Value: "2" }] };
  await refused(iam.tagUser(lower), InvalidInputException, 400);
  const invalid = await refused(iam.createUser({ UserName: "a b" }), "ValidationError", 400);
  assert.match(invalid.message, /userName/);
}

export async function denials() {
  const dan = await person("dan", allow(["iam:GetUser"]));
  assert.equal((await dan.iam.getUser({})).User.Arn, dan.arn);
  const denied = await refused(dan.iam.createUser({ UserName: "eve" }), "AccessDenied", 403);
  const resource = dan.arn.replace(/user\/.*/, "user/eve");
  const said = `User: ${dan.arn} is not authorized to perform: iam:CreateUser on resource: ${resource}`;
  assert.equal(denied.message, `${said} because no identity-based policy allows the iam:CreateUser action`);
  await iam.attachUserPolicy({ UserName: "dan", PolicyArn: "arn:aws:iam::aws:policy/IAMFullAccess" });
  await dan.iam.createUser({ UserName: "eve" });
  const deny = JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Deny", Action: "iam:DeleteUser", Resource: "*" } });
  await iam.putUserPolicy({ UserName: "dan", PolicyName: "no", PolicyDocument: deny });
  const forbidden = await refused(dan.iam.deleteUser({ UserName: "eve" }), "AccessDenied", 403);
  assert.match(forbidden.message, /with an explicit deny in an identity-based policy/);
}

export async function signatures() {
  const { credentials } = await person("sig");
  const forged = as({ ...credentials, secretAccessKey: "x".repeat(40) });
  await refused(forged.sts.getCallerIdentity({}), "SignatureDoesNotMatch", 403);
  await refused(forged.iam.getUser({}), "SignatureDoesNotMatch", 403);
  const unknown = as({ ...credentials, accessKeyId: "AKIAIOSFODNN7EXAMPLE" });
  await refused(unknown.sts.getCallerIdentity({}), "InvalidClientTokenId", 403);
  const extra = as({ ...credentials, sessionToken: "made-up" });
  await refused(extra.sts.getCallerIdentity({}), "InvalidClientTokenId", 403);
  assert.ok((await sts.getCallerIdentity({})).Account);
}
