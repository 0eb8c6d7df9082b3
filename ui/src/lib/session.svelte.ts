import { createContext } from "svelte";
import {
  acceptInvitation,
  cancelSignIn,
  checkLinks,
  copyLink,
  declineInvitation,
  dismiss,
  continueWithoutKeychain,
  openBrowserAgain,
  openHostedPage,
  pasteLink,
  refresh,
  retry,
  signIn,
  signOut,
  useLoopback,
  watch,
  type HostedPage,
  type ProblemCode,
  type SessionView,
  type SignInRequest,
} from "tauri-plugin-scalekit-api";

import { isSame, failureFrom, type Failure } from "./problems";

/** The user's commands without arguments. */
const commands = {
  signIn: () => signIn("signIn"),
  createAccount: () => signIn("signUp"),
  useAnotherAccount: () => signIn("useAnotherAccount"),
  chooseOrganization: () => signIn("selectOrganization"),
  cancelSignIn,
  openBrowserAgain,
  useLoopback,
  pasteLink,
  copyLink,
  refresh,
  signOut: () => signOut("sharedSession"),
  signOutHere: () => signOut("thisComputer"),
  retry,
  continueWithoutKeychain,
  checkLinks,
  dismiss,
  acceptInvitation: (view) => decide(view, acceptInvitation),
  declineInvitation: (view) => decide(view, declineInvitation),
} satisfies Record<string, (view: SessionView | null) => Promise<void>>;

/** Accepts or declines the login initiation that is shown, and no other. */
async function decide(view: SessionView | null, by: (question: number) => Promise<void>) {
  if (view?.status === "invited") await by(view.question);
}

/** A user's command: a name, a sign-in with further parameters, or a page of the environment. */
export type Command = keyof typeof commands | { signIn: SignInRequest } | { openPage: HostedPage };

function perform(command: Command, view: SessionView | null): Promise<void> {
  if (typeof command === "string") return commands[command](view);
  // The isolation hook passes a sign-in with an intent only.
  return "signIn" in command
    ? signIn({ intent: "signIn", ...command.signIn })
    : openHostedPage(command.openPage);
}

const SIGN_IN_COMMANDS = [
  "signIn",
  "createAccount",
  "useAnotherAccount",
  "chooseOrganization",
] as const;

type SignInCommand = (typeof SIGN_IN_COMMANDS)[number] | { signIn: SignInRequest };

function isSignIn(command: Command): command is SignInCommand {
  return typeof command === "string"
    ? (SIGN_IN_COMMANDS as readonly string[]).includes(command)
    : "signIn" in command;
}

/** The key that identifies a command. */
function keyOf(command: Command): string {
  return typeof command === "string" ? command : JSON.stringify(command);
}

/** A message beside a view, and its source. */
export type Notice =
  | { from: "command"; command: Command; failure: Failure }
  | { from: "view" | "refresh"; failure: Failure };

export const [useSession, provideSession] = createContext<Session>();

/** The session as the core reports it, and the pending commands. */
export class Session {
  /** The newest view; `null` before the first one. */
  view = $state.raw<SessionView | null>(null);
  /** Why the session cannot be watched, if it cannot. */
  watchFailure = $state.raw<Failure | null>(null);

  /** Why the newest command was rejected, until it is dismissed or the step changes. */
  #refusal = $state.raw<(Notice & { from: "command" }) | null>(null);
  /** Why a refresh was delayed. It stays during the retry, which is short. */
  #delay = $state.raw<Failure | null>(null);
  /** The dismissed delay. A delay with another code is shown, and so is a delay after a successful refresh. */
  #readDelay: ProblemCode | null = null;
  /** The core reads the unavailable keychain again: the view stays until there is a result. */
  #rereads = $state(false);
  #pending = $state.raw<readonly string[]>([]);
  /** The last sign-in that the core accepted, for the retry. */
  #lastSignIn: SignInCommand = "signIn";
  #lastPage = $state.raw<HostedPage | null>(null);
  /** When the problem of a notice was first shown, by its code. */
  #appeared: { code: ProblemCode | null; at: number }[] = [];
  #stop = () => {};
  #onSignedOut = () => {};

  /** The notices beside the view: a rejected command, and the view's own problem. */
  get notices(): Notice[] {
    const refusal = this.#refusal;
    const ofView = this.view?.status === "keychainUnavailable" ? null : failureOf(this.view);
    const present: Notice | null = ofView
      ? { from: "view", failure: ofView }
      : this.#delay && { from: "refresh", failure: this.#delay };
    if (!refusal) return present ? [present] : [];
    if (!present) return [refusal];
    return isSame(refusal.failure, present.failure) ? [present] : [refusal, present];
  }

  /** Subscribes to the views. Does not reject; see {@link watchFailure}. */
  async watch(): Promise<void> {
    this.watchFailure = null;
    try {
      const stop = await watch((view) => this.#show(view));
      this.#stop();
      this.#stop = stop;
    } catch (rejection) {
      this.watchFailure = failureFrom(rejection);
    }
  }

  /** Ends the subscription. */
  stop(): void {
    this.#stop();
  }

  /** The sign-in to retry: the last one, with its intent and its organization. */
  get lastSignIn(): Command {
    return this.#lastSignIn;
  }

  /** The page of the environment that was last requested, if any. */
  get lastPage(): HostedPage | null {
    return this.#lastPage;
  }

  /** Whether this command is pending. */
  isPending(command: Command): boolean {
    return this.#pending.includes(keyOf(command)) || (command === "retry" && this.#rereads);
  }

  /** Passes a command to the core unless it is pending already. Returns whether the core accepted it. */
  async run(command: Command): Promise<boolean> {
    const key = keyOf(command);
    if (this.#pending.includes(key)) return false;
    const step = stepOf(this.view);
    this.#pending = [...this.#pending, key];
    this.#refusal = null;
    try {
      await perform(command, this.view);
      if (isSignIn(command)) this.#lastSignIn = command;
      else if (command === "acceptInvitation") this.#lastSignIn = "signIn";
      else if (typeof command === "object") this.#lastPage = command.openPage;
      return true;
    } catch (rejection) {
      const failure = failureFrom(rejection);
      // A rejection after a change of the step is obsolete.
      if (stepOf(this.view) === step) this.#refusal = { from: "command", command, failure };
      return false;
    } finally {
      this.#pending = this.#pending.filter((one) => one !== key);
    }
  }

  /** The signed-in user, whom another address would sign out: the name, the e-mail address or the subject. */
  get signedInAs(): string | null {
    if (this.view?.status === "invited") return this.view.signedInAs;
    if (this.view?.status !== "signedIn") return null;
    const { name, email, subject } = this.view.profile;
    return name ?? email ?? subject;
  }

  /** Signs out; resolves when no user is signed in any more. Rejects with the core's problem. */
  async signOut(): Promise<void> {
    if (this.signedInAs === null) return;
    const over = new Promise<void>((resolve) => {
      this.#onSignedOut = resolve;
    });
    await commands.signOut();
    await over;
  }

  /** When a problem was first shown, in milliseconds since the Unix epoch: for that of a notice, also while hidden. */
  appeared({ code }: Failure): number {
    const known = this.#appeared.find((one) => one.code === code);
    if (known) return known.at;
    const at = Date.now();
    if (this.notices.some(({ failure }) => failure.code === code))
      this.#appeared.push({ code, at });
    return at;
  }

  /** Dismisses a notice. */
  async dismiss(notice: Notice): Promise<void> {
    this.#refusal = null;
    if (notice.from === "refresh") {
      this.#readDelay = notice.failure.code;
      this.#delay = null;
    }
    if (notice.from === "view") await this.run("dismiss");
    this.#forgetTimes();
  }

  #show(view: SessionView): void {
    this.#rereads = view.status === "starting" && this.view?.status === "keychainUnavailable";
    if (this.#rereads) return;
    if (stepOf(view) !== stepOf(this.view)) this.#refusal = null;
    this.#showDelay(view);
    this.view = view;
    this.#forgetTimes();
    if (this.signedInAs === null && view.status !== "signingOut") this.#onSignedOut();
  }

  #forgetTimes(): void {
    const codes = this.notices.map(({ failure }) => failure.code);
    this.#appeared = this.#appeared.filter(({ code }) => codes.includes(code));
  }

  #showDelay(view: SessionView): void {
    const refresh = view.status === "signedIn" ? view.refresh : null;
    if (refresh?.state === "refreshing") return;
    const delay = refresh?.state === "delayed" ? refresh.problem : null;
    if (delay?.code !== this.#readDelay) this.#readDelay = null;
    this.#delay = this.#readDelay === null ? delay : null;
  }
}

/**
 * The key of a view's step. Views with the same key differ only in details, such as the state of a refresh; a rejected
 * command of one step is obsolete in the next.
 */
export function stepOf(view: SessionView | null): string {
  if (view?.status === "signedOut") return `signedOut ${view.reason}`;
  if (view?.status === "signingIn") return `signingIn ${view.step}`;
  if (view?.status === "invited") return `invited ${view.question}`;
  return view?.status ?? "starting";
}

/** The problem that a view reports, if any. */
function failureOf(view: SessionView | null): Failure | null {
  return view && "problem" in view ? view.problem : null;
}
