// openid-client as the native application: prints how long each sign-in took from the authorization response on.
//
//   node measured_sign_in.js <environment> <client id> <sign-ins>

import * as client from "openid-client";
import { done, signIn } from "../conversation.js";

const [environment, clientId, signIns] = process.argv.slice(2);
const options = { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] };

for (let number = 0; number < Number(signIns); number++) {
  const config = await client.discovery(new URL(environment), clientId, undefined, client.None(), options);
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const expectedState = client.randomState();
  const expectedNonce = client.randomNonce();
  const page = client.buildAuthorizationUrl(config, {
    redirect_uri: "io.latchkey.desktop://callback",
    scope: "openid profile email offline_access",
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    state: expectedState,
    nonce: expectedNonce,
  });
  const back = await signIn("ada@analytical.example", page.href);
  const from = process.hrtime.bigint();
  const checks = { pkceCodeVerifier, expectedState, expectedNonce };
  const tokens = await client.authorizationCodeGrant(config, back, checks);
  tokens.claims();
  console.log(`took ${from} ${process.hrtime.bigint()}`);
}
done();
