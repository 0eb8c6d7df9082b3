import type { Component } from "svelte";

import type SelfCheck from "../views/SelfCheck.svelte";
import type Settings from "../views/Settings.svelte";
import { failureFrom, type Failure } from "./problems";

/** Why the code of a view could not be loaded. */
export type LoadFailure = { why: Failure };

/** A view that most windows never show. Its code is loaded when it is first opened. */
export class OnDemand<View extends Component<never>> {
  readonly #load: () => Promise<{ default: View }>;
  #view = $state.raw<View | null>(null);
  #failure = $state.raw<LoadFailure | null>(null);

  constructor(load: () => Promise<{ default: View }>) {
    this.#load = load;
  }

  /** The view, once it is loaded. */
  get view(): View | null {
    return this.#view;
  }

  /** Set while the last attempt has failed, until it is dismissed. */
  get failure(): LoadFailure | null {
    return this.#failure;
  }

  dismiss(): void {
    this.#failure = null;
  }

  /** Loads the view. Does not reject: `failure` reports it. */
  async load(open: () => void = () => {}): Promise<void> {
    try {
      this.#view ??= (await this.#load()).default;
    } catch (error) {
      this.#failure = { why: failureFrom(error) };
      return;
    }
    this.#failure = null;
    open();
  }

  /** Runs `open` as soon as the view is loaded; at once if it is already. */
  whenLoaded(open: () => void): void {
    if (this.#view !== null) open();
    else void this.load(open);
  }
}

export const settingsView = new OnDemand<typeof Settings>(() => import("../views/Settings.svelte"));
export const selfCheckView = new OnDemand<typeof SelfCheck>(
  () => import("../views/SelfCheck.svelte"),
);
