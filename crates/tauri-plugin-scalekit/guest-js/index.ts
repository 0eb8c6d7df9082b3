/**
 * Guest bindings of `tauri-plugin-scalekit`.
 *
 * Wishes go in, views come out: no token, code, verifier or link ever reaches the webview.
 * A command settles when the core has taken the wish; how it went comes to {@link watch}.
 * Every command rejects with a {@link Problem}.
 *
 * @module
 */

import { Channel, invoke } from "@tauri-apps/api/core";

import type { SessionView, SignInIntent } from "./views";

export type * from "./views";

/**
 * Looks at the session: `onView` gets the view as it is now, and every one that follows.
 *
 * The views come over a channel that this webview opened itself, so it needs no permission
 * to listen to events.
 *
 * @param onView called with each view, in the order in which they were made
 * @returns a function that stops the calls
 * @throws {@link Problem} if the session cannot be watched
 */
export async function watch(
  onView: (view: SessionView) => void,
): Promise<() => void> {
  const channel = new Channel<SessionView>(onView);
  await invoke("plugin:scalekit|watch", { channel });
  return () => {
    channel.onmessage = () => undefined;
  };
}

/**
 * Opens the system browser for a sign-in. A running sign-in is replaced; a running session
 * stays until the new one is complete.
 *
 * @param intent which page to open: `signIn` (if nothing is said) or `signUp`
 * @throws {@link Problem} if no sign-in can be started
 */
export async function signIn(intent: SignInIntent = "signIn"): Promise<void> {
  await invoke("plugin:scalekit|sign_in", { intent });
}

/**
 * Begins the sign-in that the view `invited` asks about. Only the person can agree to that: show
 * them what the view says, and let the harmless answer be the nearer one.
 *
 * @param question the one of the view; an answer to any other question does nothing
 * @throws {@link Problem} if no sign-in can be started
 */
export async function acceptInvitation(question: number): Promise<void> {
  await invoke("plugin:scalekit|accept_invitation", { question });
}

/**
 * Forgets the sign-in that the view `invited` asks about. What was there before stays.
 *
 * @param question the one of the view; an answer to any other question does nothing
 * @throws {@link Problem}
 */
export async function declineInvitation(question: number): Promise<void> {
  await invoke("plugin:scalekit|decline_invitation", { question });
}

/**
 * Gives up the running sign-in, if there is one.
 *
 * @throws {@link Problem}
 */
export async function cancelSignIn(): Promise<void> {
  await invoke("plugin:scalekit|cancel_sign_in");
}

/**
 * Opens the browser once more at the page of the running sign-in. That no browser could be
 * opened comes with the next view.
 *
 * @throws {@link Problem}
 */
export async function openBrowserAgain(): Promise<void> {
  await invoke("plugin:scalekit|open_browser_again");
}

/**
 * Copies the address of the running sign-in to the clipboard, for a browser that does not
 * open by itself. The core copies it; the webview never sees it.
 *
 * @throws {@link Problem} `copyFailed` if it cannot be copied
 */
export async function copyLink(): Promise<void> {
  await invoke("plugin:scalekit|copy_link");
}

/**
 * Renews the session now instead of when it is due.
 *
 * @throws {@link Problem} if the session cannot be renewed
 */
export async function renew(): Promise<void> {
  await invoke("plugin:scalekit|renew");
}

/**
 * Signs out: here at once, then in the browser.
 *
 * @throws {@link Problem} if the sign-out cannot be started
 */
export async function signOut(): Promise<void> {
  await invoke("plugin:scalekit|sign_out");
}

/**
 * Tries again what stands in the way, such as a keychain that did not answer.
 *
 * @throws {@link Problem}
 */
export async function retry(): Promise<void> {
  await invoke("plugin:scalekit|retry");
}

/**
 * Goes on where there is no keychain at all (`keychainMissing`), or no keyring in it (`keychainNotSetUp`). Tokens are then written nowhere,
 * and the session ends with the program. Only the person can agree to that: ask first.
 *
 * @throws {@link Problem}
 */
export async function goOnWithoutKeychain(): Promise<void> {
  await invoke("plugin:scalekit|go_on_without_keychain");
}

/**
 * Takes the problem of the present view away: the person has read it.
 *
 * @throws {@link Problem}
 */
export async function dismiss(): Promise<void> {
  await invoke("plugin:scalekit|dismiss");
}
