/** A client of WebDriver for WebKitGTK: https://www.w3.org/TR/webdriver2/. */
import { readdir, readFile, readlink } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";

import type { Guarded } from "./guarded";

/** A command that takes longer has failed: the browser hangs. */
const COMMAND_TIMEOUT = 60_000;

const START_TIMEOUT = 30_000;

/** The interval of polling, in milliseconds: the driver does not announce its port. */
const PAUSE = 20;

/** WebDriver's code of the key, § 17.4.2. */
const TAB = "\uE004";

/** A function threw in the page, or the command cannot be carried out in its state. The session continues. */
export class CommandError extends Error {}

export class Session {
  readonly #session: string;
  /** The version of the engine. */
  readonly version: string;

  private constructor(session: string, version: string) {
    this.#session = session;
    this.version = version;
  }

  /** Starts the browser at `binary`, by a driver that was started with port 0. */
  static async start(driver: Guarded, binary: string, args: string[]): Promise<Session> {
    const url = `http://127.0.0.1:${await portOf(driver)}/session`;
    const alwaysMatch = {
      "webkitgtk:browserOptions": { binary, args },
      // WebKitGTK measures it by the page's timers, which `stopClock` shortens.
      timeouts: { script: null },
    };
    const { sessionId, capabilities } = await send<{
      sessionId: string;
      capabilities: { browserVersion: string };
    }>("POST", url, { capabilities: { alwaysMatch } });
    return new Session(`${url}/${sessionId}`, capabilities.browserVersion);
  }

  /** Opens a window without toolbar, and continues in it. */
  async openWindow(): Promise<void> {
    const before = await this.#windows();
    await this.#post("execute/sync", { script: 'open("about:blank", "", "popup")', args: [] });
    const handle = (await this.#windows()).find((window) => !before.includes(window));
    if (handle === undefined) throw new Error("WebKitGTK opens no window");
    await this.#post("window", { handle });
  }

  /** Sets the size of the window, in CSS pixels. */
  async resize({ width, height }: { width: number; height: number }): Promise<void> {
    await this.#post("window/rect", { width, height });
  }

  async open(url: string): Promise<void> {
    await this.#post("url", { url });
  }

  /** Calls a function in the page. It is sent as text. */
  async evaluate<A extends unknown[], R>(
    page: (...given: A) => R | Promise<R>,
    ...given: A
  ): Promise<R> {
    const script = `
      const [given, done] = arguments;
      Promise.resolve().then(() => (${page})(...given)).then(
        (value) => done({ value }),
        (error) => done({ error: String(error) }),
      );`;
    const args = [given];
    const { value, error } = await this.#post<{ value: R; error?: string }>("execute/async", {
      script,
      args,
    });
    if (error !== undefined) throw new CommandError(error);
    return value;
  }

  async pressTab(): Promise<void> {
    const actions = ["keyDown", "keyUp"].map((type) => ({ type, value: TAB }));
    await this.#post("actions", { actions: [{ type: "key", id: "keyboard", actions }] });
  }

  #windows(): Promise<string[]> {
    return send("GET", `${this.#session}/window/handles`);
  }

  #post<R>(command: string, parameters: object): Promise<R> {
    return send("POST", `${this.#session}/${command}`, parameters);
  }
}

async function send<R>(method: string, url: string, parameters?: object): Promise<R> {
  const response = await fetch(url, {
    method,
    ...(parameters && { body: JSON.stringify(parameters) }),
    signal: AbortSignal.timeout(COMMAND_TIMEOUT),
  });
  const { value } = (await response.json()) as { value: R & { error: string; message: string } };
  if (!response.ok) throw new CommandError(`${value.error}: ${value.message}`);
  return value;
}

/** The port that the system gave to the driver. */
async function portOf(driver: Guarded): Promise<number> {
  for (const end = Date.now() + START_TIMEOUT; Date.now() < end && !driver.hasEnded;) {
    const port = await listeningPort(driver.pid);
    if (port !== null) return port;
    await pause(PAUSE);
  }
  throw new Error("WebKitWebDriver does not start; `cargo xtask gallery` installs it");
}

/** The port at which a process listens; proc(5). */
async function listeningPort(pid: number): Promise<number | null> {
  const folder = `/proc/${pid}/fd`;
  const files = await readdir(folder).catch((): string[] => []);
  const links = files.map((file) => readlink(`${folder}/${file}`).catch(() => ""));
  const sockets = (await Promise.all(links)).flatMap(
    (link) => /^socket:\[(\d+)\]/.exec(link) ?? [],
  );
  const LISTEN = "0A";
  for (const line of (await readFile("/proc/net/tcp", "utf8")).split("\n")) {
    const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
    if (state === LISTEN && sockets.includes(inode)) return parseInt(local.split(":")[1] ?? "", 16);
  }
  return null;
}
