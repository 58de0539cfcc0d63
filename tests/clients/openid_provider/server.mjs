// A real OpenID provider on 127.0.0.1 over HTTPS, for akia's tests.
//
//   node server.mjs PORT CHAIN.pem KEY.pem
//
// The client `ci` is given JWT access tokens by client credentials, as CI systems make them: the resource urn:example:rs256 gives one that is
// signed with RS256, urn:example:es256 with ES256, and urn:example:tagged one with AWS's claims. Their audience is sts.amazonaws.com. The
// client `person` signs somebody in by the code flow; the audience of the ID token is `person`. The server writes a line when it serves.

import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { generateKeyPairSync } from "node:crypto";
import Provider from "oidc-provider";

const [port, chain, key] = process.argv.slice(2);
const issuer = `https://127.0.0.1:${port}`;

const signing = (kid, alg, type, options) => ({ ...generateKeyPairSync(type, options).privateKey.export({ format: "jwk" }), kid, alg, use: "sig" });
const keys = [
  signing("rsa-1", "RS256", "rsa", { modulusLength: 2048 }),
  signing("ec-1", "ES256", "ec", { namedCurve: "P-256" }),
];

const algorithms = { "urn:example:rs256": "RS256", "urn:example:es256": "ES256", "urn:example:tagged": "RS256" };
const awsClaims = {
  "https://aws.amazon.com/tags": { principal_tags: { repository: ["acme/app"] }, transitive_tag_keys: ["repository"] },
  "https://aws.amazon.com/source_identity": "release-bot",
};

const provider = new Provider(issuer, {
  jwks: { keys },
  cookies: { keys: ["not a secret: it lives as long as a test"] },
  clients: [
    { client_id: "ci", client_secret: "ci-secret", grant_types: ["client_credentials"], redirect_uris: [], response_types: [] },
    { client_id: "person", client_secret: "person-secret", redirect_uris: ["https://client.example.com/back"] },
  ],
  pkce: { required: () => false },
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  conformIdTokenClaims: false,
  findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id, email: `${id}@example.com`, email_verified: true }) }),
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (ctx, audience) => ({
        scope: "deploy",
        audience,
        accessTokenFormat: "jwt",
        accessTokenTTL: 300,
        jwt: { sign: { alg: algorithms[audience] } },
      }),
    },
  },
  formats: {
    customizers: {
      jwt: (ctx, token, parts) => {
        const tagged = parts.payload.aud === "urn:example:tagged";
        const job = { sub: "repo:acme/app:ref:refs/heads/main", aud: "sts.amazonaws.com", repository: "acme/app", run_number: 17 };
        Object.assign(parts.payload, job, tagged ? awsClaims : {});
      },
    },
  },
});

createServer({ cert: readFileSync(chain), key: readFileSync(key) }, provider.callback()).listen(Number(port), "127.0.0.1", () => {
  console.log(`serving ${issuer}`);
});
