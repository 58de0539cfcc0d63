// Clients as whoever writes a program makes them: everything comes from the environment, unless somebody else is meant.
import { strict as assert } from "node:assert";
import { IAM } from "@aws-sdk/client-iam";
import { STS } from "@aws-sdk/client-sts";

export const iam = new IAM({});
export const sts = new STS({});

/** The two clients of whoever holds `credentials` (or what a provider gives). */
export const as = (credentials) => ({ iam: new IAM({ credentials }), sts: new STS({ credentials }) });

export const allow = (actions, resource = "*") =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: resource }] });

export const trust = (principal) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: principal } }] });

/** A new user with a key and, if given, a policy: its clients and what they were made of. */
export async function person(name, policy) {
  const { User } = await iam.createUser({ UserName: name });
  const { AccessKey } = await iam.createAccessKey({ UserName: name });
  if (policy) await iam.putUserPolicy({ UserName: name, PolicyName: "own", PolicyDocument: policy });
  const credentials = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
  return { arn: User.Arn, credentials, ...as(credentials) };
}

/** The error with which `promise` ends; it must be of the class or have the name that is given, and the HTTP status. */
export async function refused(promise, expected, status) {
  const error = await promise.then(() => assert.fail("nothing was refused"), (caught) => caught);
  if (typeof expected === "string") assert.equal(error.name, expected, error.stack);
  else assert.ok(error instanceof expected, error.stack);
  assert.equal(error.$metadata.httpStatusCode, status);
  assert.match(error.$metadata.requestId, /^[0-9a-f-]{36}$/);
  return error;
}
