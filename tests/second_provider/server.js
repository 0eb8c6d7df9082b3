// A certified OpenID provider of another vendor (npm: oidc-provider), with its own pages.
// It listens on a port of the system's choosing and prints its URL on its first line.
//
//   node server.js [seconds that an access token lives]
//
// `GET /_record` gives every request so far, but for those to it, as ["POST /token", …].

import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const accessTokenSeconds = Number(process.argv[2] ?? 299);

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const respond = provider(issuer).callback();
  const record = [];
  server.on("request", (request, response) => {
    const path = request.url.split("?")[0];
    if (path === "/_record") {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(record));
      return;
    }
    record.push(`${request.method} ${path}`);
    respond(request, response);
  });
  console.log(`second provider at ${issuer}`);
});

function provider(issuer) {
  return new Provider(issuer, {
    clients: [
      {
        client_id: "latchkey",
        application_type: "native",
        token_endpoint_auth_method: "none",
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        redirect_uris: ["io.latchkey.desktop://callback"],
        post_logout_redirect_uris: ["io.latchkey.desktop://signed-out"],
      },
    ],
    jwks: { keys: [signingKey()] },
    claims: {
      openid: ["sub"],
      email: ["email", "email_verified"],
      profile: ["name", "given_name", "family_name"],
    },
    findAccount: (_, login) => ({
      accountId: login,
      claims: () => ({
        sub: login,
        email: `${login}@second.example`,
        email_verified: true,
        name: `${login} of the second provider`,
      }),
    }),
    // As Scalekit does: the user is in the ID token, and a native application gets a refresh token
    // without a page that requests consent.
    conformIdTokenClaims: false,
    issueRefreshToken: (_, client) => client.grantTypeAllowed("refresh_token"),
    rotateRefreshToken: true,
    ttl: { AccessToken: accessTokenSeconds, IdToken: 3600, RefreshToken: 3600 },
    features: { devInteractions: { enabled: true }, revocation: { enabled: true } },
  });
}

// Made anew at every start, so that none lies in a repository.
function signingKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: "rs256" };
}
