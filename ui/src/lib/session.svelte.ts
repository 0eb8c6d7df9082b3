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

/** The commands of the user that need no more than their name. */
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
  acceptInvitation: (view) => answer(view, acceptInvitation),
  declineInvitation: (view) => answer(view, declineInvitation),
} satisfies Record<string, (view: SessionView | null) => Promise<void>>;

/** Answers the question that is shown, and no other. */
async function answer(view: SessionView | null, by: (question: number) => Promise<void>) {
  if (view?.status === "invited") await by(view.question);
}

/** A command of the user: a name alone, a sign-in with more than its intent, or a page of the environment. */
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

/** Tells one command from another. */
function keyOf(command: Command): string {
  return typeof command === "string" ? command : JSON.stringify(command);
}

/** Something to be read beside a view, and whose word it is. */
export type Notice =
  | { from: "command"; command: Command; failure: Failure }
  | { from: "view" | "refresh"; failure: Failure };

export const [useSession, provideSession] = createContext<Session>();

/** The session as the core shows it, and the commands that the core has not answered yet. */
export class Session {
  /** The newest view; none before the first one has come. */
  view = $state.raw<SessionView | null>(null);
  /** Why the session cannot be watched, if it cannot. */
  watchFailure = $state.raw<Failure | null>(null);

  /** Why the newest command was rejected, until the user has read it or the session has moved on. */
  #refusal = $state.raw<(Notice & { from: "command" }) | null>(null);
  /** Why a refresh was delayed: it stays while the next one is tried, which is over in a moment. */
  #delay = $state.raw<Failure | null>(null);
  /** The delay that the user has read of. Another one is told again, and so is the next after a refresh. */
  #readDelay: ProblemCode | null = null;
  /** The core reads a keychain again that did not answer: what was shown of it stays until it has. */
  #rereads = $state(false);
  #pending = $state.raw<readonly string[]>([]);
  /** The sign-in that the core took last: what a failed one is tried again as. */
  #lastSignIn: SignInCommand = "signIn";
  #lastPage = $state.raw<HostedPage | null>(null);
  #stop = () => {};
  #onSignedOut = () => {};

  /** What is told beside the view: a rejected command, and what the view itself tells. */
  get notices(): Notice[] {
    const refusal = this.#refusal;
    const ofView = this.view?.status === "keychainUnavailable" ? null : failureOf(this.view);
    const told: Notice | null = ofView
      ? { from: "view", failure: ofView }
      : this.#delay && { from: "refresh", failure: this.#delay };
    if (!refusal) return told ? [told] : [];
    if (!told) return [refusal];
    return isSame(refusal.failure, told.failure) ? [told] : [refusal, told];
  }

  /** Asks for the views. Does not reject; see {@link watchFailure}. */
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

  /** Looks no longer. */
  stop(): void {
    this.#stop();
  }

  /** The sign-in to try again: the last one, in the way and to the organization that it was asked for. */
  get lastSignIn(): Command {
    return this.#lastSignIn;
  }

  /** The page of the environment that was asked for last, if one was. */
  get lastPage(): HostedPage | null {
    return this.#lastPage;
  }

  /** Whether the core has not answered this command yet. */
  isPending(command: Command): boolean {
    return this.#pending.includes(keyOf(command)) || (command === "retry" && this.#rereads);
  }

  /** Passes a command to the core, once at a time; true if the core accepted it. */
  async run(command: Command): Promise<boolean> {
    const key = keyOf(command);
    if (this.#pending.includes(key)) return false;
    const asked = stepOf(this.view);
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
      // What was asked for is over with what it was about.
      if (stepOf(this.view) === asked) this.#refusal = { from: "command", command, failure };
      return false;
    } finally {
      this.#pending = this.#pending.filter((one) => one !== key);
    }
  }

  /** Who would be signed out by another address: by name, else by e-mail address. */
  get signedInAs(): string | null {
    if (this.view?.status === "invited") return this.view.signedInAs;
    if (this.view?.status !== "signedIn") return null;
    const { name, email, subject } = this.view.profile;
    return name ?? email ?? subject;
  }

  /** Signs out, and is done when nobody is signed in any more. Rejects with what kept the core from it. */
  async signOut(): Promise<void> {
    if (this.signedInAs === null) return;
    const over = new Promise<void>((resolve) => {
      this.#onSignedOut = resolve;
    });
    await commands.signOut();
    await over;
  }

  /** The user has read this. */
  async dismiss(notice: Notice): Promise<void> {
    this.#refusal = null;
    if (notice.from === "refresh") {
      this.#readDelay = notice.failure.code;
      this.#delay = null;
    }
    if (notice.from === "view") await this.run("dismiss");
  }

  #show(view: SessionView): void {
    this.#rereads = view.status === "starting" && this.view?.status === "keychainUnavailable";
    if (this.#rereads) return;
    if (stepOf(view) !== stepOf(this.view)) this.#refusal = null;
    this.#showDelay(view);
    this.view = view;
    if (this.signedInAs === null && view.status !== "signingOut") this.#onSignedOut();
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
 * What makes one view another, whatever the language and whatever goes on by itself: what a step was about is over in
 * the next.
 */
export function stepOf(view: SessionView | null): string {
  if (view?.status === "signedOut") return `signedOut ${view.reason}`;
  if (view?.status === "signingIn") return `signingIn ${view.step}`;
  if (view?.status === "invited") return `invited ${view.question}`;
  return view?.status ?? "starting";
}

/** What a view tells besides what it shows in its own place. */
function failureOf(view: SessionView | null): Failure | null {
  return view && "problem" in view ? view.problem : null;
}
