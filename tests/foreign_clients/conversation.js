// The requests of a client to the test, which is its user and their browser: a line out, a line in.

import { createInterface } from "node:readline";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function request(line) {
  console.log(line);
  const { value, done } = await lines.next();
  if (done) throw new Error("the test has ended");
  return value;
}

/** The URL to which the browser is redirected when this user has signed in. */
export async function signIn(email, url) {
  return new URL(await request(`user ${email} ${url}`));
}

/** Where a page leads to at once. */
export async function visit(url) {
  return request(`visit ${url}`);
}

/** The link of a sign-in that has begun at Katherine's company. */
export async function loginLink() {
  return new URL(await request("login-link"));
}

/** Everything was as it should be. */
export function done() {
  console.log("done");
  process.exit(0);
}
