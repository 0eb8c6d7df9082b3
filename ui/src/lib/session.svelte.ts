import { createContext } from "svelte";
import { SvelteSet } from "svelte/reactivity";
import {
  acceptInvitation,
  cancelSignIn,
  checkLinks,
  copyLink,
  declineInvitation,
  dismiss,
  continueWithoutKeychain,
  openBrowserAgain,
  refresh,
  retry,
  signIn,
  signOut,
  watch,
  type SessionView,
} from "tauri-plugin-scalekit-api";

import { isSame, troubleFrom, type Trouble } from "./problems";

/** What a user can wish for. */
const wishes = {
  signIn: () => signIn("signIn"),
  createAccount: () => signIn("signUp"),
  switchOrganization: () => signIn("selectOrganization"),
  cancelSignIn,
  openBrowserAgain,
  copyLink,
  refresh,
  signOut,
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

export type Wish = keyof typeof wishes;

export const [useSession, provideSession] = createContext<Session>();

/** The session as the core shows it, and the wishes that are on their way to the core. */
export class Session {
  /** The newest view; none before the first one has come. */
  view = $state.raw<SessionView | null>(null);
  /** Why the session cannot be watched, if it cannot. */
  notWatching = $state.raw<Trouble | null>(null);

  /** Why the newest wish was refused, until the user has read it. */
  #refusal = $state.raw<Trouble | null>(null);
  #underWay = new SvelteSet<Wish>();
  #stop = () => {};
  #onSignedOut = () => {};

  /** What stands above the view: a refused wish before what the view itself tells. */
  get trouble(): Trouble | null {
    return this.#refusal ?? troubleOf(this.view);
  }

  /** What is told beside the view; a refresh that is delayed is, where nothing else is. */
  get notice(): Trouble | null {
    if (this.trouble) return this.trouble;
    const view = this.view;
    return view?.status === "signedIn" && view.refresh.state === "delayed"
      ? view.refresh.problem
      : null;
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

  /** Whether this wish is on its way. */
  isUnderWay(wish: Wish): boolean {
    return this.#underWay.has(wish);
  }

  /** Passes a wish to the core, once at a time; true if the core took it. */
  async wish(wish: Wish): Promise<boolean> {
    if (this.#underWay.has(wish)) return false;
    this.#underWay.add(wish);
    this.#refusal = null;
    try {
      await wishes[wish](this.view);
      return true;
    } catch (rejection) {
      this.#refusal = troubleFrom(rejection);
      return false;
    } finally {
      this.#underWay.delete(wish);
    }
  }

  /** Who would be signed out by another address: by name, else by e-mail address. */
  get signedInAs(): string | null {
    if (this.view?.status === "invited") return this.view.signedInAs;
    if (this.view?.status !== "signedIn") return null;
    const { name, email, subject } = this.view.profile;
    return name ?? email ?? subject;
  }

  /** Signs out, and is done when nobody is signed in any more; true if it came to that. */
  async signOut(): Promise<boolean> {
    const signedOut = new Promise<void>((resolve) => {
      this.#onSignedOut = resolve;
    });
    if (!(await this.wish("signOut"))) return false;
    await signedOut;
    return true;
  }

  /** The user has read the trouble that is shown. */
  async dismiss(): Promise<void> {
    const [refusal, ofView] = [this.#refusal, troubleOf(this.view)];
    this.#refusal = null;
    if (ofView && (!refusal || isSame(refusal, ofView))) await this.wish("dismiss");
  }

  #show(view: SessionView): void {
    if (view.status !== this.view?.status) this.#refusal = null;
    this.view = view;
    if (view.status === "signedOut") this.#onSignedOut();
  }
}

/** What a view tells besides what it shows in its own place. */
function troubleOf(view: SessionView | null): Trouble | null {
  return view && "problem" in view ? view.problem : null;
}
