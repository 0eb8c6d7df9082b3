// openid-client, a certified client, as the native application and as the web application.
//
//   node openid_client.js <environment> <native id> <web id> <web secret>

import assert from "node:assert/strict";
import * as client from "openid-client";
import { done, signIn, visit } from "../conversation.js";

const [environment, nativeId, webId, webSecret] = process.argv.slice(2);
const ADA = "ada@analytical.example";
const options = { execute: [client.allowInsecureRequests] };
const discovered = (id, authentication) =>
  client.discovery(new URL(environment), id, undefined, authentication, options);

const native = await discovered(nativeId, client.None());
const byBasic = await discovered(webId, client.ClientSecretBasic(webSecret));
const byPost = await discovered(webId, client.ClientSecretPost(webSecret));

await signsIn(native, "io.latchkey.desktop://callback", "io.latchkey.desktop://signed-out");
for (const web of [byBasic, byPost]) {
  const tokens = await signsIn(web, "http://localhost:3000/callback", "http://localhost:3000/");
  const own = await client.clientCredentialsGrant(web);
  assert.equal((await client.tokenIntrospection(web, own.access_token)).active, true);
  assert.equal((await client.tokenIntrospection(web, tokens.access_token)).active, true);
  await client.tokenRevocation(web, tokens.access_token);
  assert.equal((await client.tokenIntrospection(web, tokens.access_token)).active, false);
}
await assert.rejects(client.tokenIntrospection(native, "x"), { error: "invalid_client" });
await assert.rejects(client.clientCredentialsGrant(native), { error: "unauthorized_client" });
done();

// Code, userinfo, refresh and sign-out.
async function signsIn(config, redirectUri, signedOut) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const expectedState = client.randomState();
  const expectedNonce = client.randomNonce();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: "openid profile email offline_access",
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    state: expectedState,
    nonce: expectedNonce,
    max_age: "3600",
  });
  const back = await signIn(ADA, url.href);
  // Without a maximal age the client would not look at auth_time.
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, maxAge: 3600 };
  const tokens = await client.authorizationCodeGrant(config, back, checks);
  const { sub } = tokens.claims();
  const user = await client.fetchUserInfo(config, tokens.access_token, sub);
  assert.equal(user.email, ADA);

  const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
  assert.equal(refreshed.claims().sub, sub);
  assert.equal(refreshed.claims().nonce, undefined);

  const out = client.buildEndSessionUrl(config, {
    id_token_hint: refreshed.id_token,
    post_logout_redirect_uri: signedOut,
    state: "bye",
  });
  assert.equal(await visit(out.href), `${signedOut}?state=bye`);
  const ended = client.refreshTokenGrant(config, refreshed.refresh_token);
  await assert.rejects(ended, { error: "invalid_grant" });
  return refreshed;
}
