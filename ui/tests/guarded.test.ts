import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { Guarded } from "../gallery/guarded";

/** Starts a process of its own, and announces its process ID. */
const PARENT = "sleep 1000 & echo $!; wait";

const isRunning = (pid: number) => {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
};

// The gallery is drawn on Linux.
describe.runIf(process.platform === "linux")("a guarded process", () => {
  let folder = "";
  const start = (...command: [string, ...string[]]) => {
    const [name, ...options] = command;
    const environment = { PATH: process.env["PATH"] ?? "" };
    return new Guarded(name, options, environment, join(folder, "log"));
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "guarded-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("ends with what it has started", async () => {
    const parent = start("sh", "-c", PARENT);
    const child = Number(await parent.announced());
    expect(isRunning(child)).toBe(true);
    await parent.close();
    expect(isRunning(parent.pid)).toBe(false);
    await vi.waitFor(() => expect(isRunning(child)).toBe(false));
  });

  test("that ends by itself announces nothing", async () => {
    const program = start("no-such-program-anywhere");
    await expect(program.announced()).rejects.toThrow("no-such-program-anywhere");
    await vi.waitFor(() => expect(program.hasEnded).toBe(true));
    await program.close();
  });

  test("is killed with the process that started it", async () => {
    const [file, log] = [join(process.cwd(), "gallery/guarded.ts"), join(folder, "log")];
    const script = `
      import { runnerImport } from "vite";
      const { module } = await runnerImport(${JSON.stringify(file)}, { configFile: false });
      const options = ["-c", ${JSON.stringify(PARENT)}];
      const started = new module.Guarded("sh", options, process.env, ${JSON.stringify(log)});
      console.log(started.pid, await started.announced());
      setInterval(() => {}, 1000);`;
    const starter = spawn(process.execPath, ["--input-type=module", "-e", script]);
    const [line] = (await once(starter.stdout, "data")) as [Buffer];
    const started = String(line).trim().split(" ").map(Number);
    expect(started.map(isRunning)).toEqual([true, true]);
    starter.kill("SIGKILL");
    await vi.waitFor(() => expect(started.map(isRunning)).toEqual([false, false]), 10_000);
  });
});
