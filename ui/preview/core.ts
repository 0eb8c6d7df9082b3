import { mockIPC } from "@tauri-apps/api/mocks";
import type { SessionView } from "tauri-plugin-scalekit-api";

/** The result of each command. An entry that throws rejects the command. */
export type Results = Record<string, (payload: unknown) => unknown>;

/** A fake of the core: sends the views that it is given, and records the calls. */
export class PretendedCore {
  /** Every call in order, without those that only read or announce. */
  readonly calls: { command: string; payload: unknown }[] = [];
  #view: SessionView;
  #results: Results;
  #channel: number | null = null;
  #sent = 0;

  /**
   * @param view the first view
   * @param results results by command, without `plugin:scalekit|`; other commands return nothing
   */
  constructor(view: SessionView, results: Results = {}) {
    this.#view = view;
    this.#results = results;
    mockIPC((command, payload) => this.#resultOf(command.replace("plugin:scalekit|", ""), payload));
  }

  /** The view that was sent last. */
  get view(): SessionView {
    return this.#view;
  }

  /** Sends another view. */
  show(view: SessionView): void {
    this.#view = view;
    if (this.#channel === null) return;
    const { runCallback } = (window as unknown as Internals).__TAURI_INTERNALS__;
    runCallback(this.#channel, { index: this.#sent++, message: structuredClone(view) });
  }

  /** Replaces the result of `command`. */
  setResult(command: string, result: (payload: unknown) => unknown): void {
    this.#results[command] = result;
  }

  #resultOf(command: string, payload: unknown): unknown {
    if (!["watch", "settings", "preferences", "presence", "announce"].includes(command))
      this.calls.push({ command, payload });
    const result = this.#results[command]?.(payload) ?? null;
    if (command === "watch") {
      this.#channel = (payload as { channel: { id: number } }).channel.id;
      this.#sent = 0;
      this.show(this.#view);
    }
    return result;
  }
}

type Internals = {
  __TAURI_INTERNALS__: { runCallback: (id: number, data: unknown) => void };
};
