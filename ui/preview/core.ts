import { mockIPC } from "@tauri-apps/api/mocks";
import type { SessionView } from "tauri-plugin-scalekit-api";

/** What a command is answered with. To reject, an answer throws. */
export type Answers = Record<string, (payload: unknown) => unknown>;

/** Stands in for the core: shows the views it is told to, and keeps what it was asked. */
export class PretendedCore {
  /** Every call but those that only read or are spoken, in order. */
  readonly calls: { command: string; payload: unknown }[] = [];
  #view: SessionView;
  #answers: Answers;
  #channel: number | null = null;
  #sent = 0;

  /**
   * @param view what is shown first
   * @param answers by command, without `plugin:scalekit|`; other commands are answered with nothing
   */
  constructor(view: SessionView, answers: Answers = {}) {
    this.#view = view;
    this.#answers = answers;
    mockIPC((command, payload) => this.#answer(command.replace("plugin:scalekit|", ""), payload));
  }

  /** Shows another view. */
  show(view: SessionView): void {
    this.#view = view;
    if (this.#channel === null) return;
    const { runCallback } = (window as unknown as Internals).__TAURI_INTERNALS__;
    runCallback(this.#channel, { index: this.#sent++, message: structuredClone(view) });
  }

  /** From now on answers `command` like this. */
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
