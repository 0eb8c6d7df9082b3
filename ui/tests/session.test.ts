import { waitFor } from "@testing-library/svelte";
import type { ProblemCode, SessionView } from "tauri-plugin-scalekit-api";
import { describe, expect, test, vi } from "vitest";

import { ada, offline } from "../preview/scenes";
import {
  announced,
  button,
  description,
  expandAll,
  findNotice,
  heading,
  labelOf,
  nameOf,
  noButton,
  notice,
  notices,
  open,
  opening,
  pending,
  scene,
  screen,
  sentence,
} from "./window";

describe("a command reaches the core", () => {
  test.each([
    ["signedOut", "Sign in", "sign_in", { intent: "signIn" }],
    ["signedOut", "Create account", "sign_in", { intent: "signUp" }],
    ["waitingForBrowser", "Open browser again", "open_browser_again", {}],
    ["waitingForBrowser", "Copy link", "copy_link", {}],
    ["waitingForBrowser", "Cancel", "cancel_sign_in", {}],
    ["signedIn", "Renew now", "refresh", {}],
    ["signedIn", "Sign out", "sign_out", { scope: "sharedSession" }],
    ["signInFailed", "Dismiss", "dismiss", {}],
    ["bare", "Try again", "retry", {}],
    ["keychainUnavailable", "Unlock", "retry", {}],
    ["noKeychain", "Continue without a keychain", "continue_without_keychain", {}],
    ["noKeyring", "Continue without a keychain", "continue_without_keychain", {}],
    ["noKeyring", "Try again", "retry", {}],
    ["linksLost", "Set up links again", "check_links", {}],
  ])("in %s by “%s”, by mouse and by keyboard", async (name, label, command, payload) => {
    const { core, user } = await open(scene(name));
    expandAll();
    await user.click(button(label));
    button(label).focus();
    await user.keyboard("{Enter}");
    expect(core.calls).toEqual([
      { command, payload },
      { command, payload },
    ]);
  });

  test("every control is reached with the Tab key, in the order of reading", async () => {
    const { user } = await open(scene("noBrowser"));
    const reached: (string | undefined)[] = [];
    expandAll();
    (document.activeElement as HTMLElement).blur();
    for (let presses = 0; presses < 9; presses++) {
      await user.tab();
      reached.push(nameOf(document.activeElement as HTMLElement));
    }
    expect(reached).toEqual([
      "Copy link",
      "Open browser again",
      "Cancel",
      "Browser did not return?",
      "Paste from clipboard",
      "Use another account",
      "Check this computer",
      "Details",
      "Copy details",
    ]);
  });

  test("Escape prompts before it stops a sign-in, and does nothing else", async () => {
    const { core, user } = await open(scene("waitingForBrowser"));
    await user.keyboard("{Escape}");
    screen.getByRole("alertdialog", { name: "Stop signing in?" });
    await user.click(button("Keep signing in"));
    expect(core.calls).toEqual([]);
    await user.keyboard("{Escape}");
    await user.click(button("Stop signing in"));
    expect(core.calls.map((call) => call.command)).toEqual(["cancel_sign_in"]);

    core.show(scene("signedIn"));
    await screen.findByText("Ada Lovelace");
    await user.keyboard("{Escape}");
    expect(core.calls).toHaveLength(1);
  });
});

describe("a command that is under way", () => {
  test("is not passed twice, and its button keeps the focus", async () => {
    const { promise, resolve } = pending();
    const { core, user } = await open(scene("signedIn"), { results: { refresh: () => promise } });

    expandAll();
    await user.click(button("Renew now"));
    expect(button("Renew now").getAttribute("aria-disabled")).toBe("true");
    expect(button("Renew now").getAttribute("aria-busy")).toBe("true");
    expandAll();
    await user.click(button("Renew now"));
    expect(core.calls).toHaveLength(1);
    expect(document.activeElement).toBe(button("Renew now"));

    resolve();
    await waitFor(() => expect(button("Renew now").getAttribute("aria-disabled")).toBeNull());
  });

  test("leaves the other controls as they are", async () => {
    const { core, user } = await open(scene("signedIn"), {
      results: { refresh: () => new Promise(() => {}) },
    });
    expandAll();
    await user.click(button("Renew now"));
    await user.click(button("Sign out"));
    expect(core.calls.map((call) => call.command)).toEqual(["refresh", "sign_out"]);
  });
});

describe("a command that is rejected", () => {
  test("shows why, until it is dismissed", async () => {
    const { core, user } = await open(scene("signedIn"), {
      results: { refresh: () => Promise.reject(offline) },
    });
    expandAll();
    await user.click(button("Renew now"));
    expect((await findNotice()).textContent).toContain(sentence("offline"));

    await user.click(button("Dismiss"));
    expect(notices()).toEqual([]);
    expect(core.calls.map((call) => call.command)).toEqual(["refresh"]);
  });

  test("does not repeat the problem that the view shows already", async () => {
    const { core, user } = await open(scene("signInFailed"), {
      results: { sign_in: () => Promise.reject(offline) },
    });
    await user.click(button("Sign in"));
    await waitFor(() => expect(button("Sign in").getAttribute("aria-busy")).toBeNull());
    expect(notices()).toHaveLength(1);
    await user.click(button("Dismiss"));
    expect(core.calls.map((call) => call.command)).toEqual(["sign_in", "dismiss"]);
  });

  test("gives way when the session comes to another status", async () => {
    const { core, user } = await open(scene("signedIn"), {
      results: { refresh: () => Promise.reject(offline) },
    });
    expandAll();
    await user.click(button("Renew now"));
    await findNotice();
    core.show(scene("signedOutAgain"));
    await screen.findByText("You are signed out", { selector: "h1" });
    expect(notices()).toEqual([]);
  });

  test("by something that is no problem still gets a sentence", async () => {
    const { user } = await open(scene("signedIn"), {
      results: { refresh: () => Promise.reject("scalekit.refresh not allowed") },
    });
    expandAll();
    await user.click(button("Renew now"));
    const { textContent } = await findNotice();
    expect(textContent).toContain("Something went wrong");
    expect(textContent).toContain("scalekit.refresh not allowed");
  });
});

describe("a session that cannot be watched", () => {
  test("shows why, and can be tried again", async () => {
    const { core, user } = await open(scene("signedIn"), {
      results: {
        watch: () => {
          throw offline;
        },
      },
    });
    expect((await findNotice()).textContent).toContain(sentence("offline"));
    noButton("Settings");

    core.setResult("watch", () => null);
    await user.click(button("Try again"));
    await screen.findByText("Ada Lovelace");
    expect(notices()).toEqual([]);
  });
});

describe("the link to copy", () => {
  test("is reported as copied, visibly and to screen readers", async () => {
    const { user } = await open(scene("waitingForBrowser"));
    await user.click(button("Copy link"));
    await screen.findByText(/^Copied/, { selector: "span:not(.hidden)" });
    await waitFor(() => expect(announced()).toBe("Copied"));
  });

  test("is not reported as copied when it is not", async () => {
    const { user } = await open(scene("waitingForBrowser"), {
      results: { copy_link: () => Promise.reject({ ...offline, code: "copyFailed" }) },
    });
    await user.click(button("Copy link"));
    expect((await findNotice()).textContent).toContain("could not be copied");
    expect(announced()).not.toBe("Copied");
  });
});

describe("the check of the links", () => {
  const links = (code: ProblemCode, detail: string | null): SessionView => ({
    status: "signedOut",
    reason: "fresh",
    organization: null,
    offersSignUp: true,
    providers: [],
    problem: { code, message: "", parameters: {}, detail },
  });

  test.each<[ProblemCode, string | null]>([
    ["linksTaken", "/opt/other"],
    ["linksPerhapsTaken", "/opt/script"],
    ["linksLost", null],
  ])("is offered with %s, lasts until it is done, and its notice goes", async (code, detail) => {
    const { promise, resolve } = pending();
    const { core, user } = await open(links(code, detail), {
      results: { check_links: () => promise },
    });
    await user.click(button("Set up links again"));
    expect(button("Set up links again").getAttribute("aria-busy")).toBe("true");
    core.show(scene("signedOut"));
    resolve();
    await waitFor(() => expect(notices()).toEqual([]));
    expect(document.activeElement).toBe(opening());
  });

  test("is not offered with another problem", async () => {
    await open(scene("signInFailed"));
    noButton("Set up links again");
  });
});

describe("focus and announcements", () => {
  test("the first control of the first view has the focus", async () => {
    const { core, user } = await open({ status: "starting" });
    core.show(scene("signedOut"));
    await waitFor(() => expect(document.activeElement).toBe(button("Sign in")));
    expect(description(button("Sign in"))).toMatch(/^Welcome You sign in with your browser/);
    await user.tab();
    expect(description(button("Sign in"))).toBe("");
    expect(announced()).toBe("");
  });

  test("each step of a sign-in is announced once, by the focus, in an element of its own", async () => {
    const { core, user } = await open(scene("signedOut"));
    const spoken: string[] = [];
    const region = screen.getByRole("status");
    const note = () => spoken.push(`region: ${region.textContent}`);
    new MutationObserver(note).observe(region, {
      childList: true,
      characterData: true,
      subtree: true,
    });
    document.addEventListener("focusin", () =>
      spoken.push(`focus: ${labelOf(document.activeElement as HTMLElement)}`),
    );
    await waitFor(() => expect(document.activeElement).toBe(button("Sign in")));
    spoken.length = 0;

    await user.click(button("Sign in"));
    const openings = new Set<Element | null>();
    for (const [name, title] of [
      ["preparing", "Preparing…"],
      ["waitingForBrowser", "Continue in your browser"],
      ["finishing", "Finishing sign-in…"],
      ["signedIn", "Ada Lovelace"],
    ] as const) {
      core.show(scene(name));
      await waitFor(() => expect(heading().textContent).toBe(title));
      await waitFor(() => expect(document.activeElement).toBe(opening()));
      openings.add(document.activeElement);
    }
    expect(openings.size).toBe(4);
    expect(spoken.filter((one) => one !== "region: ")).toEqual([
      "focus: Preparing…",
      "focus: Continue in your browser",
      "focus: Finishing sign-in…",
      "focus: Ada Lovelace",
    ]);
  });

  test("an announcement is removed after a delay, so that it is not read again", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    try {
      const { user } = await open(scene("waitingForBrowser"));
      await user.click(button("Copy link"));
      await waitFor(() => expect(announced()).toBe("Copied"));
      await vi.advanceTimersByTimeAsync(3000);
      expect(announced()).toBe("");
    } finally {
      vi.useRealTimers();
    }
  });

  test("the same view with news leaves the focus where it is", async () => {
    const { core } = await open(scene("signedIn"));
    expandAll();
    button("Renew now").focus();
    core.show({
      status: "signedIn",
      profile: { ...ada, name: "Augusta Ada King" },
      stored: "yes",
      refresh: { state: "refreshing" },
      announcedEnd: null,
      signInAgain: false,
      organizations: [],
      pages: [],
      problem: null,
    });
    await screen.findByText("Augusta Ada King");
    expect(document.activeElement).toBe(button("Renew now"));
  });

  test("focus on a control that is gone goes to the heading", async () => {
    const { core, user } = await open(scene("waitingForBrowser"));
    await user.click(button("Copy link"));
    core.show(scene("finishing"));
    await waitFor(() => expect(document.activeElement).toBe(opening()));
    expect(heading().textContent).toBe("Finishing sign-in…");
  });

  test("focus on a dismissed problem goes to the heading", async () => {
    const { core, user } = await open(scene("signInFailed"));
    await user.click(button("Dismiss"));
    core.show({ ...scene("signInFailed"), problem: null } as SessionView);
    await waitFor(() => expect(document.activeElement).toBe(opening()));
  });

  test("a refresh is announced to the user who requested it", async () => {
    const { core, user } = await open(scene("signedIn"));
    expandAll();
    const refreshed = (at: number) =>
      core.show({ ...scene("signedIn"), refresh: { state: "scheduled", at } } as SessionView);

    refreshed(Date.now() + 600_000);
    await screen.findByText(/about 10 minutes/);
    expect(announced()).not.toBe("Renewed.");

    await user.click(button("Renew now"));
    refreshed(Date.now() + 1_200_000);
    await waitFor(() => expect(announced()).toBe("Renewed."));
  });

  test("a problem that comes with a place is read with it, and does not interrupt", async () => {
    const { core } = await open(scene("preparing"));
    core.show(scene("noBrowser"));
    await waitFor(() => expect(labelOf(opening() as HTMLElement)).toMatch(/^Open this link/));
    await waitFor(() => expect(document.activeElement).toBe(opening()));
    expect(description(opening() as HTMLElement)).toContain("No browser could be opened");
    expect(screen.queryByRole("alert")).toBeNull();
  });

  test("a problem that comes later takes the focus from the beginning, and interrupts elsewhere", async () => {
    const { core } = await open(scene("signedIn"));
    await waitFor(() => expect(document.activeElement).toBe(opening()));
    core.show(scene("delayed"));
    await waitFor(() => expect(document.activeElement).toBe(notice()));
    expect(screen.queryByRole("alert")).toBeNull();

    core.show(scene("signedIn"));
    await waitFor(() => expect(document.activeElement).toBe(opening()));
    button("Sign out").focus();
    core.show(scene("delayed"));
    await screen.findByRole("alert");
    expect(document.activeElement).toBe(button("Sign out"));
  });

  test("a rejected command takes the focus, which goes back when it is dismissed", async () => {
    const { user } = await open(scene("signedIn"), {
      results: { sign_out: () => Promise.reject(offline) },
    });
    await user.click(button("Sign out"));
    await waitFor(() => expect(document.activeElement).toBe(notice()));
    expect(labelOf(notice())).toMatch(/^Caution: ?The sign-in service cannot be reached$/);
    expect(description(notice())).toContain("There is no connection to");
    expect(screen.queryByRole("alert")).toBeNull();
    await user.click(button("Dismiss"));
    await waitFor(() => expect(document.activeElement).toBe(button("Sign out")));
  });
});
