// Without a bundler. With one, import the guest bindings `tauri-plugin-scalekit-api` instead.
const { Channel, invoke } = window.__TAURI__.core;

const element = (id) => document.getElementById(id);

// For each status: what is shown, and at most two buttons with their commands.
const pages = {
  signedOut: () => [
    "Signed out",
    "",
    ["Sign in", "sign_in", { intent: "signIn" }],
  ],
  signingIn: () => [
    "Signing in…",
    "Continue in the browser.",
    ["Open browser again", "open_browser_again"],
    ["Cancel", "cancel_sign_in"],
  ],
  signedIn: ({ profile }) => [
    profile.name ?? profile.email ?? profile.subject,
    profile.organization?.name ?? profile.organization?.id ?? "",
    ["Sign out", "sign_out", { scope: "sharedSession" }],
    ["Refresh", "refresh"],
  ],
  signingOut: () => ["Signing out…", ""],
  invited: ({ question, organization, loginHint }) => [
    "Sign in from a link?",
    [organization?.name ?? organization?.id, loginHint]
      .filter(Boolean)
      .join(", "),
    ["Not now", "decline_invitation", { question }],
    ["Continue", "accept_invitation", { question }],
  ],
  keychainUnavailable: ({ problem }) => [
    "The keychain is not available",
    "",
    ["Try again", "retry"],
    // Another keychain has a session, which would be left.
    ...(["keychainMissing", "keychainNotSetUp"].includes(problem.code)
      ? [["Continue without it", "continue_without_keychain"]]
      : []),
  ],
  notConfigured: () => ["No environment is configured", ""],
  starting: () => ["Starting…", ""],
};

function show(view) {
  const [user, detail, ...buttons] = pages[view.status](view);
  element("user").textContent = user;
  element("detail").textContent = detail;
  element("problem").textContent = view.problem?.message ?? "";
  for (const [index, id] of ["first", "second"].entries()) {
    const [label, command, values] = buttons[index] ?? [];
    element(id).hidden = !label;
    element(id).textContent = label ?? "";
    element(id).onclick = () => call(command, values);
  }
}

function call(command, values) {
  return invoke(`plugin:scalekit|${command}`, values).catch((problem) => {
    element("problem").textContent = problem.message ?? String(problem);
  });
}

await call("watch", { channel: new Channel(show) });
