/** Processes that end with this one, in whichever way it ends. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

/**
 * Becomes the program. Its input ends when this process ends, also when it is killed; that kills the process group of
 * the program, and with it what the program has started.
 */
const GUARD =
  'exec 3<&0 < /dev/null; { read -r _ <&3; kill -KILL 0; } > /dev/null 2>&1 & exec 3<&-; exec "$@"';

export type Environment = Record<string, string>;

export class Guarded {
  readonly #name: string;
  readonly #input: Writable;
  readonly #output: Readable;
  readonly #exit: Promise<unknown>;
  readonly pid: number;
  hasEnded = false;

  /** Starts the program. Its errors are in the file. */
  constructor(name: string, options: string[], environment: Environment, log: string) {
    const file = openSync(log, "w");
    const started = spawn("/bin/sh", ["-c", GUARD, "sh", name, ...options], {
      detached: true,
      env: environment,
      stdio: ["pipe", "pipe", file],
    });
    closeSync(file);
    const { pid, stdin, stdout } = started;
    if (pid === undefined || !stdin || !stdout) throw new Error(`${name} cannot be started`);
    this.#name = `${name} (${log})`;
    this.pid = pid;
    this.#input = stdin;
    this.#output = stdout;
    this.#exit = once(started, "exit").then(() => (this.hasEnded = true));
    // The program may have ended by itself.
    this.#input.on("error", () => {});
  }

  /** The first line of output. */
  async announced(): Promise<string> {
    for await (const line of createInterface({ input: this.#output })) return line;
    throw new Error(`${this.#name} does not start; \`cargo xtask gallery\` installs it`);
  }

  async close(): Promise<void> {
    this.#input.end();
    await this.#exit;
  }
}
