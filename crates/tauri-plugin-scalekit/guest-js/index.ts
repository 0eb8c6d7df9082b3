/**
 * Guest bindings of `tauri-plugin-scalekit`.
 *
 * Commands go in, views come out: no token, authorization code, code verifier or link reaches the
 * webview. A command resolves when the core has accepted it; its outcome arrives at {@link watch}.
 * Each command rejects with a {@link Problem}.
 *
 * @module
 */

import { Channel, invoke } from "@tauri-apps/api/core";

import type {
  HostedPage,
  Problem,
  SelfCheckReport,
  SessionView,
  SignInIntent,
  SignInRequest,
  SignOutScope,
} from "./views";

export type * from "./views";

/**
 * Subscribes to the session: `onView` is called with the current view and with each later one.
 *
 * The views arrive on a channel of this webview, so it needs no permission to listen to events.
 *
 * @param onView called with each view, in order
 * @returns a function that ends the subscription
 * @throws {@link Problem} if the subscription is rejected
 *
 * @example
 * ```ts
 * const stop = await watch((view) => {
 *   if (view.status === "signedIn") console.log(view.profile.name);
 * });
 * stop();
 * ```
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
 * The session as a store: the contract of Svelte's stores, and what React's `useSyncExternalStore` needs.
 */
export type SessionStore = {
  /**
   * Calls `run` with the current view and with each later one, in order.
   *
   * @returns a function that ends the subscription
   */
  subscribe(run: (view: SessionView) => void): () => void;
  /** The newest view; `starting` before the first one has come. */
  get(): SessionView;
};

/**
 * Makes a store of the session. It watches while it has a subscriber, and begins anew with the next one, so a rejected
 * subscription is retried by subscribing again.
 *
 * @param onProblem called if the subscription is rejected
 *
 * @example
 * ```ts
 * const session = sessionStore();
 * const stop = session.subscribe((view) => console.log(view.status, can(view, "reports:read")));
 * // Svelte: `$session`. React: `useSyncExternalStore(session.subscribe, session.get)`.
 * ```
 */
export function sessionStore(
  onProblem: (problem: Problem) => void = () => {},
): SessionStore {
  const runs = new Set<{ run: (view: SessionView) => void }>();
  let current: SessionView = { status: "starting" };
  let stop: (() => void) | null = null;

  /** Watches until it is stopped, also where the core accepts the subscription only after that. */
  function begin(): () => void {
    let isStopped = false;
    let end = () => {};
    watch((view) => {
      if (isStopped) return;
      current = view;
      for (const { run } of [...runs]) run(view);
    }).then(
      (stopped) => {
        end = stopped;
        if (isStopped) end();
      },
      (problem: unknown) => {
        if (!isStopped) onProblem(problem as Problem);
      },
    );
    return () => {
      isStopped = true;
      end();
    };
  }

  return {
    subscribe(run) {
      const subscriber = { run };
      runs.add(subscriber);
      run(current);
      stop ??= begin();
      return () => {
        runs.delete(subscriber);
        if (runs.size > 0) return;
        stop?.();
        stop = null;
      };
    },
    get: () => current,
  };
}

/**
 * Whether a view shows a user who has this permission, to decide what is offered. Permissions are compared exactly.
 * It decides nothing else: the service that receives the access token verifies the permission, as does
 * `Session::require` in Rust.
 *
 * It is `false` where the permissions are unknown, as of an opaque access token; `profile.permissions` is
 * `null` then.
 *
 * @param view a view of {@link watch} or {@link sessionStore}
 * @param permission `resource:action`
 *
 * @example
 * ```ts
 * await watch((view) => showReports(can(view, "reports:read")));
 * ```
 */
export function can(view: SessionView | null, permission: string): boolean {
  return (
    view?.status === "signedIn" &&
    (view.profile.permissions?.includes(permission) ?? false)
  );
}

/**
 * Opens the system browser for a sign-in. It replaces a pending sign-in; the current session
 * stays until the new sign-in is complete.
 *
 * @param request which page to open, and with what: an intent alone, or with an e-mail address, a
 * social provider, a connection, an organization or a domain. With an organization, the session is
 * replaced only by one of that organization.
 * @throws {@link Problem} if no sign-in can be started
 *
 * @example
 * ```ts
 * await signIn();
 * await signIn("signUp");
 * await signIn({ loginHint: "ada@acme.example" });
 * await signIn({ intent: "selectOrganization", organizationId: "org_1" });
 * ```
 */
export async function signIn(
  request: SignInIntent | SignInRequest = "signIn",
): Promise<void> {
  const given = typeof request === "string" ? { intent: request } : request;
  await invoke("plugin:scalekit|sign_in", { intent: "signIn", ...given });
}

/**
 * Starts the sign-in that the view `invited` describes. Only the user can agree to it: show
 * what the view contains, and focus the declining button.
 *
 * @param question the view's `question`; any other value has no effect
 * @throws {@link Problem} if no sign-in can be started
 *
 * @example
 * ```ts
 * if (view.status === "invited") await acceptInvitation(view.question);
 * ```
 */
export async function acceptInvitation(question: number): Promise<void> {
  await invoke("plugin:scalekit|accept_invitation", { question });
}

/**
 * Discards the sign-in that the view `invited` describes. The state before it stays.
 *
 * @param question the view's `question`; any other value has no effect
 * @throws {@link Problem}
 *
 * @example
 * ```ts
 * if (view.status === "invited") await declineInvitation(view.question);
 * ```
 */
export async function declineInvitation(question: number): Promise<void> {
  await invoke("plugin:scalekit|decline_invitation", { question });
}

/**
 * Cancels the pending sign-in, if there is one.
 *
 * @throws {@link Problem}
 *
 * @example
 * ```ts
 * if (view.status === "signingIn") await cancelSignIn();
 * ```
 */
export async function cancelSignIn(): Promise<void> {
  await invoke("plugin:scalekit|cancel_sign_in");
}

/**
 * Opens the browser once more at the page of the pending sign-in. The next view reports it if no
 * browser could be opened.
 *
 * @throws {@link Problem}
 *
 * @example
 * ```ts
 * if (view.status === "signingIn") await openBrowserAgain();
 * ```
 */
export async function openBrowserAgain(): Promise<void> {
  await invoke("plugin:scalekit|open_browser_again");
}

/**
 * Opens the browser once more, with the loopback redirect URI, if the view's `loopback` offers
 * it: for a desktop that does not deliver links. The page opened before stays valid; the first
 * response counts.
 *
 * @throws {@link Problem}
 *
 * @example
 * ```ts
 * if (view.status === "signingIn" && view.loopback === "offered") await useLoopback();
 * ```
 */
export async function useLoopback(): Promise<void> {
  await invoke("plugin:scalekit|use_loopback");
}

/**
 * Takes the address at which the pending sign-in ended in the browser from the clipboard. The core
 * reads it; the webview does not see it. The next view reports an address that is not the one.
 *
 * @throws {@link Problem} `clipboardUnreadable` if there is no text in the clipboard
 *
 * @example
 * ```ts
 * if (view.status === "signingIn") await pasteLink();
 * ```
 */
export async function pasteLink(): Promise<void> {
  await invoke("plugin:scalekit|paste_link");
}

/**
 * Opens a page of the environment about the user in the browser. After the user has returned to
 * the window, the session is refreshed once.
 *
 * @param page one of the view's `pages`
 * @throws {@link Problem}
 *
 * @example
 * ```ts
 * if (view.status === "signedIn") await openHostedPage("account");
 * ```
 */
export async function openHostedPage(page: HostedPage): Promise<void> {
  await invoke("plugin:scalekit|open_hosted_page", { page });
}

/**
 * Copies the URL of the pending sign-in to the clipboard, for a browser that does not open by
 * itself. The core copies it; the webview does not see it.
 *
 * @throws {@link Problem} `noLinkToCopy` if no sign-in waits for the browser, `copyFailed` if it cannot be copied
 *
 * @example
 * ```ts
 * await copyLink().catch((problem: Problem) => console.warn(problem.message));
 * ```
 */
export async function copyLink(): Promise<void> {
  await invoke("plugin:scalekit|copy_link");
}

/**
 * Refreshes the session now instead of when it is due.
 *
 * @throws {@link Problem} if the command is rejected, such as for its rate
 *
 * @example
 * ```ts
 * if (view.status === "signedIn") await refresh();
 * ```
 */
export async function refresh(): Promise<void> {
  await invoke("plugin:scalekit|refresh");
}

/**
 * Signs out: the local session at once, then the session in the browser, which other applications
 * of the environment share.
 *
 * @param scope `sharedSession` (the default), or `thisComputer` to leave the browser signed in
 * @throws {@link Problem} if the sign-out cannot be started
 *
 * @example
 * ```ts
 * if (view.status === "signedIn") await signOut();
 * ```
 */
export async function signOut(
  scope: SignOutScope = "sharedSession",
): Promise<void> {
  await invoke("plugin:scalekit|sign_out", { scope });
}

/**
 * Retries what failed, such as a keychain that did not respond.
 *
 * @throws {@link Problem}
 *
 * @example
 * ```ts
 * if (view.status === "keychainUnavailable") await retry();
 * ```
 */
export async function retry(): Promise<void> {
  await invoke("plugin:scalekit|retry");
}

/**
 * Continues where there is no keychain (`keychainMissing`), no keyring in it (`keychainNotSetUp`),
 * or where it does not take the session of a user who is signed in (`notSaved`). Tokens are then not
 * stored, and the session ends with the process. Only the user can agree to it: prompt first.
 *
 * @throws {@link Problem}
 *
 * @example
 * ```ts
 * // `agreed` is the user's choice in the window.
 * if (agreed) await continueWithoutKeychain();
 * ```
 */
export async function continueWithoutKeychain(): Promise<void> {
  await invoke("plugin:scalekit|continue_without_keychain");
}

/**
 * Checks again whether links from the browser reach this application (`linksTaken`, `linksPerhapsTaken`,
 * `linksLost`): registers its scheme where that can be done, and sends a harmless link to itself. Settles
 * when that has arrived, or has not within ten seconds; the result is in the view.
 *
 * @throws {@link Problem} `tooOften` while another check is under way
 *
 * @example
 * ```ts
 * await checkLinks();
 * ```
 */
export async function checkLinks(): Promise<void> {
  await invoke("plugin:scalekit|check_links");
}

/**
 * Checks everything that a sign-in depends on: who gets the links (proved with one), whether the application responds to
 * a second start, the keychain with an entry of its own, the environment, the proxy, the clock and the redirect URI. It
 * signs nobody in and registers nothing. Settles when all checks have, which takes up to a minute where something hangs.
 *
 * @returns one finding for each check, and the level of the worst
 * @throws {@link Problem} `tooOften` while another self-check is under way
 *
 * @example
 * ```ts
 * const { findings } = await selfCheck();
 * for (const { level, message } of findings) console.log(level, message);
 * ```
 */
export async function selfCheck(): Promise<SelfCheckReport> {
  return await invoke<SelfCheckReport>("plugin:scalekit|self_check");
}

/**
 * Removes the problem of the current view, which the user has read.
 *
 * @throws {@link Problem}
 *
 * @example
 * ```ts
 * await dismiss();
 * ```
 */
export async function dismiss(): Promise<void> {
  await invoke("plugin:scalekit|dismiss");
}
