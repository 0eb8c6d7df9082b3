import type { Component } from "svelte";

import type SelfCheck from "../views/SelfCheck.svelte";
import type Settings from "../views/Settings.svelte";

/** A view that most windows never show. Its code is loaded when it is first opened. */
export class OnDemand<View extends Component<never>> {
  readonly #load: () => Promise<{ default: View }>;
  #view = $state.raw<View | null>(null);

  constructor(load: () => Promise<{ default: View }>) {
    this.#load = load;
  }

  /** The view, once it is loaded. */
  get view(): View | null {
    return this.#view;
  }

  async load(): Promise<void> {
    this.#view ??= (await this.#load()).default;
  }

  /** Runs `open` as soon as the view is loaded; at once if it is already. */
  whenLoaded(open: () => void): void {
    if (this.#view !== null) open();
    else void this.load().then(open);
  }
}

export const settingsView = new OnDemand<typeof Settings>(() => import("../views/Settings.svelte"));
export const selfCheckView = new OnDemand<typeof SelfCheck>(
  () => import("../views/SelfCheck.svelte"),
);
