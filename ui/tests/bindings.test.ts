import { waitFor } from "@testing-library/svelte";
import { can, sessionStore, type Problem, type SessionView } from "tauri-plugin-scalekit-api";
import { get } from "svelte/store";
import { describe, expect, test } from "vitest";

import { PretendedCore } from "../preview/core";
import { ada, bare, offline, untold } from "../preview/scenes";
import { scene } from "./window";

function signedIn(profile: typeof ada): SessionView {
  return { ...scene("signedIn"), profile } as SessionView;
}

describe("can", () => {
  test.each([
    ["reports:read", true],
    ["reports:write", false],
    ["reports", false],
    ["Reports:Read", false],
    ["reports:read ", false],
    ["", false],
  ])("compares %j exactly", (permission, expected) => {
    expect(can(signedIn(ada), permission)).toBe(expected);
  });

  test("is false without permissions and with an opaque access token", () => {
    for (const profile of [bare, untold])
      expect(can(signedIn(profile), "reports:read")).toBe(false);
  });

  test.each(["signedOut", "invitedWhileSignedIn", "waitingForBrowser", "signingOut", "starting"])(
    "is false in %s",
    (name) => expect(can(scene(name), "reports:read")).toBe(false),
  );

  test("is false without a view", () => expect(can(null, "reports:read")).toBe(false));
});

describe("the store of the session", () => {
  test("has the contract of Svelte's stores", async () => {
    const core = new PretendedCore(signedIn(ada));
    const store = sessionStore();
    expect(store.get()).toEqual({ status: "starting" });
    const seen: string[] = [];
    const stop = store.subscribe((view) => seen.push(view.status));
    expect(seen[0]).toBe("starting");
    await waitFor(() => expect(seen).toEqual(["starting", "signedIn"]));
    expect(can(get(store), "reports:read")).toBe(true);
    core.show({ status: "signingOut" });
    expect(seen.at(-1)).toBe("signingOut");
    expect(store.get()).toEqual({ status: "signingOut" });
    stop();
    core.show(signedIn(ada));
    expect(seen.at(-1)).toBe("signingOut");
  });

  test("watches once for several subscribers, and while there is one", async () => {
    let watched = 0;
    const core = new PretendedCore(signedIn(ada), { watch: () => void (watched += 1) });
    const store = sessionStore();
    const seen: [string[], string[]] = [[], []];
    const stops = seen.map((list) => store.subscribe((view) => list.push(view.status)));
    await waitFor(() => expect(seen.map((list) => list.at(-1))).toEqual(["signedIn", "signedIn"]));
    expect(watched).toBe(1);
    stops[0]?.();
    stops[0]?.();
    core.show({ status: "signingOut" });
    expect(seen.map((list) => list.at(-1))).toEqual(["signedIn", "signingOut"]);
    stops[1]?.();
    const stop = store.subscribe((view) => seen[0].push(view.status));
    expect(seen[0].at(-1)).toBe("signingOut");
    await waitFor(() => expect(watched).toBe(2));
    stop();
  });

  test("that ends before it began shows nothing more", async () => {
    const core = new PretendedCore(signedIn(ada));
    const store = sessionStore();
    const seen: string[] = [];
    store.subscribe((view) => seen.push(view.status))();
    const before = [...seen];
    await new Promise((resolve) => setTimeout(resolve));
    core.show({ status: "signingOut" });
    expect(seen).toEqual(before);
    expect(store.get()).not.toEqual({ status: "signingOut" });
  });

  test("that is rejected reports why, and can be subscribed to again", async () => {
    let rejects = true;
    new PretendedCore(signedIn(ada), {
      watch: () => {
        if (rejects) throw offline;
      },
    });
    const problems: Problem[] = [];
    const store = sessionStore((problem) => problems.push(problem));
    const stop = store.subscribe(() => {});
    await waitFor(() => expect(problems).toEqual([offline]));
    stop();
    rejects = false;
    const seen: string[] = [];
    store.subscribe((view) => seen.push(view.status));
    await waitFor(() => expect(seen.at(-1)).toBe("signedIn"));
    expect(problems).toHaveLength(1);
  });
});
