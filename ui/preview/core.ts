import { mockIPC } from "@tauri-apps/api/mocks";
import type { SessionView } from "tauri-plugin-scalekit-api";

/** The result of each command. An entry that throws rejects the command. */
export type Answers = Record<string, (payload: unknown) => unknown>;

/** A fake of the core: sends the views that it is given, and records the calls. */
export class PretendedCore {
  /** Every call in order, without those that only read or announce. */
  readonly calls: { command: string; payload: unknown }[] = [];
  #view: SessionView;
  #answers: Answers;
  #channel: number | null = null;
  #sent = 0;

  /**
   * @param view the first view
   * @param answers results by command, without `plugin:scalekit|`; other commands return nothing
   */
  constructor(view: SessionView, answers: Answers = {}) {
    this.#view = view;
    this.#answers = answers;
    mockIPC((command, payload) => this.#answer(command.replace("plugin:scalekit|", ""), payload));
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
  answer(command: string, answer: (payload: unknown) => unknown): void {
    this.#answers[command] = answer;
  }

  #answer(command: string, payload: unknown): unknown {
    if (!["watch", "settings", "preferences", "presence", "announce"].includes(command))
      this.calls.push({ command, payload });
    const answer = this.#answers[command]?.(payload) ?? null;
    if (command === "watch") {
      this.#channel = (payload as { channel: { id: number } }).channel.id;
      this.#sent = 0;
      this.show(this.#view);
    }
    return answer;
  }
}

type Internals = {
  __TAURI_INTERNALS__: { runCallback: (id: number, data: unknown) => void };
};
