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

import { isSame, troubleFrom, type Trouble } from "./problems";

/** What a user can wish for, where it needs no more to be said. */
const wishes = {
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

/** What a user can wish for: by name alone, a sign-in with more than its intent, or a page of the environment. */
export type Wish = keyof typeof wishes | { signIn: SignInRequest } | { openPage: HostedPage };

function perform(wish: Wish, view: SessionView | null): Promise<void> {
  if (typeof wish === "string") return wishes[wish](view);
  // The isolation hook passes a sign-in with an intent only.
  return "signIn" in wish
    ? signIn({ intent: "signIn", ...wish.signIn })
    : openHostedPage(wish.openPage);
}

const SIGN_IN_WISHES = [
  "signIn",
  "createAccount",
  "useAnotherAccount",
  "chooseOrganization",
] as const;

type SignInWish = (typeof SIGN_IN_WISHES)[number] | { signIn: SignInRequest };

function isSignIn(wish: Wish): wish is SignInWish {
  return typeof wish === "string"
    ? (SIGN_IN_WISHES as readonly string[]).includes(wish)
    : "signIn" in wish;
}

/** Tells one wish from another. */
function keyOf(wish: Wish): string {
  return typeof wish === "string" ? wish : JSON.stringify(wish);
}

/** Something to be read beside a view, and whose word it is. */
export type Notice =
  { from: "wish"; wish: Wish; trouble: Trouble } | { from: "view" | "refresh"; trouble: Trouble };

export const [useSession, provideSession] = createContext<Session>();

/** The session as the core shows it, and the wishes that are on their way to the core. */
export class Session {
  /** The newest view; none before the first one has come. */
  view = $state.raw<SessionView | null>(null);
  /** Why the session cannot be watched, if it cannot. */
  notWatching = $state.raw<Trouble | null>(null);

  /** Why the newest wish was refused, until the user has read it or the session has moved on. */
  #refusal = $state.raw<(Notice & { from: "wish" }) | null>(null);
  /** Why a refresh was delayed: it stays while the next one is tried, which is over in a moment. */
  #delay = $state.raw<Trouble | null>(null);
  /** The delay that the user has read of. Another one is told again, and so is the next after a refresh. */
  #readDelay: ProblemCode | null = null;
  /** The core reads a keychain again that did not answer: what was shown of it stays until it has. */
  #rereads = $state(false);
  #underWay = $state.raw<readonly string[]>([]);
  /** The sign-in that the core took last: what a failed one is tried again as. */
  #lastSignIn: SignInWish = "signIn";
  #lastPage = $state.raw<HostedPage | null>(null);
  #stop = () => {};
  #onSignedOut = () => {};

  /** What is told beside the view: a refused wish, and what the view itself tells. */
  get notices(): Notice[] {
    const refusal = this.#refusal;
    const ofView = this.view?.status === "keychainUnavailable" ? null : troubleOf(this.view);
    const told: Notice | null = ofView
      ? { from: "view", trouble: ofView }
      : this.#delay && { from: "refresh", trouble: this.#delay };
    if (!refusal) return told ? [told] : [];
    if (!told) return [refusal];
    return isSame(refusal.trouble, told.trouble) ? [told] : [refusal, told];
  }

  /** Asks for the views. Does not reject; see {@link notWatching}. */
  async watch(): Promise<void> {
    this.notWatching = null;
    try {
      const stop = await watch((view) => this.#show(view));
      this.#stop();
      this.#stop = stop;
    } catch (rejection) {
      this.notWatching = troubleFrom(rejection);
    }
  }

  /** Looks no longer. */
  stop(): void {
    this.#stop();
  }

  /** The sign-in to try again: the last one, in the way and to the organization that it was asked for. */
  get lastSignIn(): Wish {
    return this.#lastSignIn;
  }

  /** The page of the environment that was asked for last, if one was. */
  get lastPage(): HostedPage | null {
    return this.#lastPage;
  }

  /** Whether this wish is on its way. */
  isUnderWay(wish: Wish): boolean {
    return this.#underWay.includes(keyOf(wish)) || (wish === "retry" && this.#rereads);
  }

  /** Passes a wish to the core, once at a time; true if the core took it. */
  async wish(wish: Wish): Promise<boolean> {
    const key = keyOf(wish);
    if (this.#underWay.includes(key)) return false;
    const asked = stepOf(this.view);
    this.#underWay = [...this.#underWay, key];
    this.#refusal = null;
    try {
      await perform(wish, this.view);
      if (isSignIn(wish)) this.#lastSignIn = wish;
      else if (wish === "acceptInvitation") this.#lastSignIn = "signIn";
      else if (typeof wish === "object") this.#lastPage = wish.openPage;
      return true;
    } catch (rejection) {
      const trouble = troubleFrom(rejection);
      // What was wished for is over with what it was about.
      if (stepOf(this.view) === asked) this.#refusal = { from: "wish", wish, trouble };
      return false;
    } finally {
      this.#underWay = this.#underWay.filter((one) => one !== key);
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
    await wishes.signOut();
    await over;
  }

  /** The user has read this. */
  async dismiss(notice: Notice): Promise<void> {
    this.#refusal = null;
    if (notice.from === "refresh") {
      this.#readDelay = notice.trouble.code;
      this.#delay = null;
    }
    if (notice.from === "view") await this.wish("dismiss");
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
function troubleOf(view: SessionView | null): Trouble | null {
  return view && "problem" in view ? view.problem : null;
}
