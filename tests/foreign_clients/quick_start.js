// The quick-start of Scalekit's own SDK for Node.
//
//   node quick_start.js <folder of the SDK> <environment> <client id> <client secret>

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { done, loginLink, signIn, visit } from "./conversation.js";

const [folder, environment, clientId, clientSecret] = process.argv.slice(2);
const installed = createRequire(new URL(`${folder}/package.json`, import.meta.url));
const { ScalekitClient } = installed("@scalekit-sdk/node");
const scalekit = new ScalekitClient(environment, clientId, clientSecret);

const CALLBACK = "http://localhost:3000/auth/callback";
const ADA = "ada@analytical.example";
const KATHERINE = "katherine@orbit.example";

// As printed: no PKCE, no nonce.
const scopes = ["openid", "profile", "email", "offline_access"];
const back = await signIn(ADA, scalekit.getAuthorizationUrl(CALLBACK, { scopes, state: "s1" }));
assert.equal(back.searchParams.get("state"), "s1");
const first = await scalekit.authenticateWithCode(back.searchParams.get("code"), CALLBACK);
assert.equal(first.user.email, ADA);
assert.equal(first.user.emailVerified, true);
assert.equal(first.user.name, "Ada Lovelace");
assert.equal(first.expiresIn, 299);

const issuer = environment;
assert.equal(await scalekit.validateAccessToken(first.accessToken), true);
assert.equal(await scalekit.validateAccessToken(first.accessToken, { issuer }), true);
assert.equal(await scalekit.validateAccessToken(`${first.accessToken}x`), false);
const audience = [clientId];
const other = "https://other.example";
assert.equal(await scalekit.validateAccessToken(first.accessToken, { issuer: other }), false);
await assert.rejects(scalekit.validateToken(first.idToken, { issuer: other, audience }));
await assert.rejects(scalekit.validateToken(first.idToken, { issuer, audience: ["another"] }));
const claims = await scalekit.validateToken(first.idToken, { issuer, audience });
assert.match(claims.sub, /^usr_\d+$/);
assert.match(claims.oid, /^org_\d+$/);
const rights = await scalekit.validateToken(first.accessToken, { issuer, audience });
assert.ok(rights.permissions.includes("reports:read"));

const second = await scalekit.refreshAccessToken(first.refreshToken);
assert.equal(await scalekit.validateAccessToken(second.accessToken), true);
assert.notEqual(second.refreshToken, first.refreshToken);

// Every option of the authorization URL.
const codeVerifier = randomBytes(32).toString("base64url");
const codeChallenge = createHash("sha256").update(codeVerifier).digest("base64url");
const orbit = await startedAtCompany();
for (const [email, options] of [
  [KATHERINE, { connectionId: orbit.connection_id }],
  [KATHERINE, { organizationId: orbit.organization_id }],
  [KATHERINE, { loginHint: orbit.login_hint }],
  [KATHERINE, { domainHint: "orbit.example" }],
  [ADA, { provider: "google" }],
  [ADA, { prompt: "login" }],
  [ADA, { prompt: "consent" }],
  [ADA, { prompt: "create" }],
]) {
  const all = { scopes, state: "s2", nonce: "n2", codeChallenge, codeChallengeMethod: "S256" };
  const url = scalekit.getAuthorizationUrl(CALLBACK, { ...all, ...options });
  const page = await visit(url);
  const expected = options.prompt === "create" ? "/sign-up" : options.prompt ? "/sign-in" : "/sso";
  assert.ok(page.startsWith(expected), `${JSON.stringify(options)}: ${page}`);
  const link = await signIn(email, url);
  const code = link.searchParams.get("code");
  const response = await scalekit.authenticateWithCode(code, CALLBACK, { codeVerifier });
  assert.equal(response.user.email, email);
  const { nonce, amr } = await scalekit.validateToken(response.idToken);
  assert.equal(nonce, "n2");
  assert.match(amr[0], /^conn_\d+$/);
}

const logout = scalekit.getLogoutUrl({
  idTokenHint: first.idToken,
  postLogoutRedirectUri: "http://localhost:3000/",
  state: "bye",
});
assert.equal(await visit(logout), "http://localhost:3000/?state=bye");
await assert.rejects(scalekit.refreshAccessToken(second.refreshToken));
done();

// Without an audience, as the SDK does by itself: the token has none.
async function startedAtCompany() {
  const token = (await loginLink()).searchParams.get("idp_initiated_login");
  const claims = await scalekit.getIdpInitiatedLoginClaims(token, { issuer });
  assert.equal(claims.login_hint, KATHERINE);
  assert.match(claims.connection_id, /^conn_\d+$/);
  assert.match(claims.organization_id, /^org_\d+$/);
  return claims;
}
