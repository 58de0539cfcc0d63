// node main.mjs steps STEP...   runs each step against AWS_ENDPOINT_URL, and prints one line of JSON for each: {"step", "error"}.
import * as identities from "./steps/identities.mjs";
import * as lists from "./steps/lists.mjs";
import * as policies from "./steps/policies.mjs";
import * as refusals from "./steps/refusals.mjs";
import * as sessions from "./steps/sessions.mjs";

const STEPS = {
  users: identities.users,
  groups: identities.groups,
  roles: identities.roles,
  "access-keys": identities.accessKeys,
  account: identities.account,
  "managed-policies": policies.managed,
  "policy-versions": policies.versions,
  "inline-policies": policies.inline,
  "permissions-boundaries": policies.boundaries,
  simulation: policies.simulation,
  "last-accessed": policies.lastAccessed,
  paginators: lists.paginators,
  waiters: lists.waiters,
  errors: refusals.errors,
  denials: refusals.denials,
  signatures: refusals.signatures,
  caller: sessions.caller,
  "session-token": sessions.sessionToken,
  "assumed-role": sessions.assumedRole,
  "session-policies": sessions.sessionPolicies,
};

for (const step of process.argv.slice(3)) {
  let error = null;
  try {
    if (!STEPS[step]) throw new Error(`there is no step ${step}`);
    await STEPS[step]();
  } catch (caught) {
    error = caught.stack;
  }
  console.log(JSON.stringify({ step, error }));
}
