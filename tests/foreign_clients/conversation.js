// How a client asks the test to be the user and their browser: a line out, a line back.

import { createInterface } from "node:readline";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function ask(line) {
  console.log(line);
  const { value, done } = await lines.next();
  if (done) throw new Error("nobody answers");
  return value;
}

/** Where the browser comes back to when this user has signed in. */
export async function signIn(email, url) {
  return new URL(await ask(`user ${email} ${url}`));
}

/** Where a page leads to at once. */
export async function visit(url) {
  return ask(`visit ${url}`);
}

/** The link of a sign-in that has begun at Katherine's company. */
export async function loginLink() {
  return new URL(await ask("login-link"));
}

/** Everything was as it should be. */
export function done() {
  console.log("done");
  process.exit(0);
}
