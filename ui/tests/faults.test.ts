/** Events at an unexpected time: another view, a rejection, a repeated key. */

import { fireEvent, waitFor } from "@testing-library/svelte";
import { tick } from "svelte";
import type { Problem, ProblemCode, SessionView } from "tauri-plugin-scalekit-api";
import { describe, expect, test, vi } from "vitest";

import { offline, settings } from "../preview/scenes";
import { hostOf } from "../src/lib/settings";
import {
  announced,
  button,
  description,
  expandAll,
  field,
  findNotice,
  heading,
  noButton,
  notice,
  notices,
  open,
  opening,
  pending,
  scene,
  screen,
  within,
} from "./window";

type SignedIn = Extract<SessionView, { status: "signedIn" }>;
type Invited = Extract<SessionView, { status: "invited" }>;

const found = () => ({ issuer: "https://acme.scalekit.com" });
const problem = (code: ProblemCode): Problem => ({
  code,
  message: "",
  parameters: {},
  detail: null,
});
const commands = ({ calls }: { calls: { command: string }[] }) => calls.map((one) => one.command);
const settle = () => new Promise((resolve) => setTimeout(resolve, 50));
const soon = waitFor;

async function inSettings(
  view: SessionView,
  results: Record<string, (payload: unknown) => unknown> = {},
) {
  const window = await open(view, { results });
  await window.user.click(button("Settings"));
  await screen.findAllByRole("textbox");
  return window;
}

/** Saves an unreachable address by Save anyway, and cancels the sign-out. */
async function cancelsSavingAnyway() {
  const { user } = await inSettings(scene("signedIn"), {
    check_environment: () => Promise.reject(offline),
  });
  await user.type(field("Client ID"), "9");
  await user.click(button("Save"));
  await user.click(await screen.findByRole("button", { name: "Save anyway" }));
  await user.click(await screen.findByRole("button", { name: "Cancel" }));
  await settle();
}

describe("the settings", () => {
  test("a session that ends while the sign-out is confirmed does not hang the saving", async () => {
    const { core, user } = await inSettings(scene("signedIn"), {
      check_environment: found,
      save_settings: () => settings,
    });
    await user.type(field("Client ID"), "9");
    await user.click(button("Save"));
    await screen.findByRole("button", { name: "Sign out and save" });
    // The core sends no further view: `sign_out` without a session changes nothing (sign_out/mod.rs).
    core.show(scene("sessionEnded"));
    await settle();
    const confirm = screen.queryByRole("button", { name: "Sign out and save" });
    if (confirm) await user.click(confirm);
    await soon(() => expect(commands(core)).toContain("save_settings"));
  });

  test("the confirmation of the sign-out does not name a user who is not signed in any more", async () => {
    const { core, user } = await inSettings(scene("signedIn"), { check_environment: found });
    await user.type(field("Client ID"), "9");
    await user.click(button("Save"));
    await screen.findByText(/Saving signs/);
    core.show(scene("sessionEnded"));
    await soon(() => expect(screen.queryByText(/Saving signs/)).toBeNull());
  });

  test("a rejected sign-out is shown", async () => {
    const { user } = await inSettings(scene("signedIn"), {
      check_environment: found,
      sign_out: () => Promise.reject(problem("entropyUnavailable")),
    });
    await user.type(field("Client ID"), "9");
    await user.click(button("Save"));
    await user.click(await screen.findByRole("button", { name: "Sign out and save" }));
    await soon(() => expect(notices()).toHaveLength(1));
  });

  test("Escape in the question of the sign-out opens no second question", async () => {
    const { user } = await inSettings(scene("signedIn"), { check_environment: found });
    await user.type(field("Client ID"), "9");
    await user.click(button("Save"));
    await screen.findByRole("button", { name: "Sign out and save" });
    await user.keyboard("{Escape}");
    expect(screen.getAllByRole("alertdialog")).toHaveLength(1);
    expect(screen.queryByRole("alertdialog", { name: "Discard what you entered?" })).toBeNull();
  });

  test("Close has an effect during the check of an address, or is aria-disabled", async () => {
    const { user } = await inSettings(scene("signedOut"), {
      check_environment: () => new Promise(() => {}),
    });
    await user.click(button("Save"));
    const close = button("Close");
    await user.click(close);
    await settle();
    const isClosed = screen.queryByRole("button", { name: "Save" }) === null;
    const hasPrompt = screen.queryByRole("alertdialog") !== null;
    const isDisabled = close.getAttribute("aria-disabled") === "true";
    expect({ isClosed, hasPrompt, isDisabled }).not.toEqual({
      isClosed: false,
      hasPrompt: false,
      isDisabled: false,
    });
  });

  test("Close needs no confirmation where nothing was entered and a check has failed", async () => {
    const { user } = await inSettings(scene("signedOut"), {
      check_environment: () => Promise.reject(offline),
    });
    await user.click(button("Save"));
    await screen.findByRole("button", { name: "Save anyway" });
    await user.click(button("Close"));
    expect(screen.queryByRole("alertdialog", { name: "Discard what you entered?" })).toBeNull();
  });

  test("Close needs no confirmation where everything was saved before", async () => {
    const { core, user } = await inSettings(scene("signedOut"), {
      check_environment: found,
      save_settings: () => settings,
    });
    await user.click(button("Save"));
    await screen.findByRole("button", { name: "Sign in" });
    core.setResult("settings", () => Promise.reject(problem("settingsFileSlow")));
    await user.click(button("Settings"));
    await screen.findByText("The settings file does not answer");
    await user.click(button("Close"));
    expect(screen.queryByRole("alertdialog", { name: "Discard what you entered?" })).toBeNull();
  });

  test("a keychain that is tried again by itself does not throw away what was entered", async () => {
    const { core, user } = await inSettings(scene("keychainUnavailable"));
    await user.type(field("Client ID"), "9");
    // Unavailable → Starting: TimerFired (docs/state-machine.md).
    core.show({ status: "starting" });
    await settle();
    core.show(scene("keychainUnavailable"));
    await settle();
    const entered = screen.queryByRole<HTMLInputElement>("textbox", { name: "Client ID" });
    expect(entered?.value).toBe(`${settings.clientId ?? ""}9`);
  });

  test("settings that are read do not go away because a keychain is tried again by itself", async () => {
    const { core } = await inSettings(scene("keychainUnavailable"));
    core.show({ status: "starting" });
    await settle();
    core.show(scene("keychainUnavailable"));
    await settle();
    expect(heading().textContent).toBe("Settings");
  });

  test("nothing can be entered while an address is checked", async () => {
    const { promise, resolve } = pending();
    await inSettings(scene("signedOut"), {
      check_environment: () => promise,
      save_settings: () => new Promise(() => {}),
    });
    button("Save").click();
    await soon(() => expect(field("Environment URL").readOnly).toBe(true));
    resolve(found());
    await settle();
    expect(field("Environment URL").value).toBe(settings.environmentUrl);
  });

  test("an address that was entered during the sign-out is not saved without a check", async () => {
    const { core, user } = await inSettings(scene("signedIn"), {
      check_environment: found,
      save_settings: () => settings,
    });
    await user.type(field("Client ID"), "9");
    await user.click(button("Save"));
    await user.click(await screen.findByRole("button", { name: "Sign out and save" }));
    await soon(() => expect(commands(core)).toContain("sign_out"));
    core.show({ status: "signingOut" });
    await settle();
    await user.type(field("Environment URL"), "evil.example");
    core.show(scene("signedOutAgain"));
    await soon(() => expect(commands(core)).toContain("save_settings"));
    const checked = core.calls
      .filter((call) => call.command === "check_environment")
      .map((call) => (call.payload as { environmentUrl: string }).environmentUrl);
    const saved = core.calls.find((call) => call.command === "save_settings")?.payload as {
      environmentUrl: string;
    };
    expect([...checked, found().issuer]).toContain(saved.environmentUrl);
  });

  test("another spelling of the same address needs no sign-out", async () => {
    const { core, user } = await inSettings(scene("signedIn"), {
      // Not normalized, as from a variable, a file edited by hand, or the build.
      settings: () => ({ ...settings, environmentUrl: "acme.scalekit.com", source: "builtIn" }),
      check_environment: found,
      save_settings: () => settings,
    });
    await user.click(button("Save"));
    await soon(() => expect(commands(core)).toContain("save_settings"));
  });

  test("focus stays inside when a message of the form is dismissed", async () => {
    const { user } = await inSettings(scene("signedOut"), {
      check_environment: () => Promise.reject(offline),
    });
    await user.click(button("Save"));
    await user.click(await screen.findByRole("button", { name: "Dismiss" }));
    await settle();
    expect(document.activeElement).not.toBe(document.body);
  });

  test("focus returns from the question of Save anyway", async () => {
    await cancelsSavingAnyway();
    expect(document.activeElement).not.toBe(document.body);
  });

  test("the message that an address is not reached is there again when the sign-out is not wanted", async () => {
    await cancelsSavingAnyway();
    button("Save anyway");
  });

  test("focus is not lost when the settings are read again", async () => {
    const { core, user } = await open(scene("signedOut"), {
      results: { settings: () => Promise.reject(problem("settingsFileSlow")) },
    });
    await user.click(button("Settings"));
    const again = await screen.findByRole("button", { name: "Try again" });
    core.setResult("settings", () => settings);
    await user.click(again);
    await screen.findAllByRole("textbox");
    await settle();
    expect(document.activeElement).not.toBe(document.body);
  });

  test("focus goes back to the notice that opened the settings", async () => {
    const { user } = await open(scene("signInFailed"));
    await user.click(button("Open settings"));
    await screen.findAllByRole("textbox");
    await user.keyboard("{Escape}");
    await settle();
    expect(document.activeElement).toBe(button("Open settings"));
  });

  test("the problem of a field is announced when Enter is pressed in that field", async () => {
    const { user } = await inSettings(scene("signedOut"), {
      check_environment: () => Promise.reject({ ...offline, code: "environmentNotFound" }),
    });
    field("Environment URL").focus();
    const observed: string[] = [];
    const focused = () => observed.push("focus");
    document.addEventListener("focusin", focused);
    const region = screen.getByRole("status");
    new MutationObserver(() => observed.push(region.textContent)).observe(region, {
      childList: true,
      characterData: true,
      subtree: true,
    });
    await user.keyboard("{Enter}");
    await waitFor(() => expect(field("Environment URL").getAttribute("aria-invalid")).toBe("true"));
    await settle();
    document.removeEventListener("focusin", focused);
    // The field had the focus already, so a screen reader does not read it again.
    const isAnnounced = observed.some((one) => one !== "") || notices().length > 0;
    expect(isAnnounced).toBe(true);
  });

  test("a language that could not be stored is not reset without a message", async () => {
    const { user } = await inSettings(scene("signedOut"), {
      preferences: () => ({ language: null, theme: "system", zoom: 1 }),
      save_preferences: () => Promise.reject(problem("settingsNotSaved")),
    });
    const choice = screen.getByRole<HTMLSelectElement>("combobox", { name: "Language" });
    await user.selectOptions(choice, "Deutsch");
    await settle();
    expect({ value: choice.value, alerts: notices().length }).not.toEqual({
      value: "",
      alerts: 0,
    });
  });

  test("a link's question can be seen from the settings in which nothing was entered", async () => {
    const { core } = await inSettings(scene("signedOut"));
    core.show(scene("invited"));
    await settle();
    const visible = [...document.querySelectorAll(".window > :not(.heard)")]
      .map((element) => element.textContent)
      .join(" ");
    expect(visible).toMatch(/asks (you|Latchkey) to sign|Sign in to /);
  });
});

describe("a button does something", () => {
  test("Dismiss is not offered for a browser that cannot be opened: the core does not dismiss that", async () => {
    // `dismiss` clears other problems of a sign-in, but not that of the browser (session/step.rs).
    await open(scene("noBrowser"));
    noButton("Dismiss");
  });

  test("a session that cannot be refreshed is not offered to be refreshed after a failed sign-in", async () => {
    const view = { ...(scene("bare") as SignedIn), problem: offline };
    const { core, user } = await open(view);
    await user.click(button("Try again"));
    // `refresh` changes nothing in Refresh::Impossible (refresh/schedule.rs).
    expect(commands(core)).not.toContain("refresh");
  });

  test("a second sign-in that failed is tried again by a sign-in", async () => {
    const { core, user } = await open({ ...(scene("signedIn") as SignedIn), problem: offline });
    await user.click(button("Try again"));
    expect(commands(core)).toEqual(["sign_in"]);
  });

  test("a refresh that waits for a network shows that and names no time", async () => {
    const view: SessionView = {
      ...(scene("signedIn") as SignedIn),
      refresh: { state: "delayed", retryAt: null, problem: problem("refreshOffline") },
    };
    await open(view);
    expandAll();
    screen.getByText("Tried again when this computer has a network");
    expect(screen.queryByText(/Tried again in/)).toBeNull();
  });

  test("a refresh that waits for the keychain is tried again by a refresh", async () => {
    const view: SessionView = {
      ...(scene("signedIn") as SignedIn),
      refresh: {
        state: "delayed",
        retryAt: Date.now() + 60_000,
        problem: problem("refreshKeychainUnavailable"),
      },
    };
    const { core, user } = await open(view);
    await user.click(button("Try again"));
    // `retry` only saves a session that is not stored (`save_again`); this one is stored.
    expect(commands(core)).toEqual(["refresh"]);
  });

  test("Renew now does not look as if it did something while it is being refreshed", async () => {
    await open(scene("withPicture"));
    expandAll();
    const again = screen.queryByRole("button", { name: "Renew now" });
    if (again) expect(again.getAttribute("aria-disabled")).toBe("true");
  });

  test("account that may not sign in is tried again as another account", async () => {
    const { core, user } = await open({
      ...scene("signInFailed"),
      problem: problem("accountNotAllowed"),
    } as SessionView);
    noButton("Try again");
    await user.click(within(notice()).getByRole("button", { name: "Use another account" }));
    expect(core.calls).toEqual([{ command: "sign_in", payload: { intent: "useAnotherAccount" } }]);
  });

  test("links that cannot reach the application offer the loopback redirect URI", async () => {
    const { core, user } = await open({
      ...scene("loopbackOffered"),
      problem: problem("linksUnreachable"),
    } as SessionView);
    await user.click(
      within(notice()).getByRole("button", { name: "Open browser with another way back" }),
    );
    expect(commands(core)).toEqual(["use_loopback"]);
  });

  test("page of the environment that was not opened is tried again, and not a sign-in", async () => {
    const { core, user } = await open(scene("signedIn"));
    await user.click(button("Passkeys"));
    core.show({ ...scene("signedIn"), problem: problem("hostedPageNotOpened") } as SessionView);
    await user.click(await screen.findByRole("button", { name: "Try again" }));
    const opened = { command: "open_hosted_page", payload: { page: "passkeys" } };
    expect(core.calls).toEqual([opened, opened]);
  });

  test.each<ProblemCode>(["tooOften", "refreshSlow"])(
    "%s offers to try the rejected command again",
    async (code) => {
      const { core, user } = await open(scene("signedIn"), {
        results: { refresh: () => Promise.reject(problem(code)) },
      });
      expandAll();
      await user.click(button("Renew now"));
      await user.click(await screen.findByRole("button", { name: "Try again" }));
      expect(commands(core)).toEqual(["refresh", "refresh"]);
    },
  );

  test("missing permission offers another organization, except where there is one only", async () => {
    const forbids = { sign_out: () => Promise.reject(problem("permissionMissing")) };
    const { core, user } = await open(scene("signedIn"), { results: forbids });
    await user.click(button("Sign out"));
    await user.click(await screen.findByRole("button", { name: "Choose another organization" }));
    expect(core.calls.at(-1)?.payload).toEqual({ intent: "selectOrganization" });

    core.show({ ...scene("pinned"), problem: problem("permissionMissing") } as SessionView);
    await waitFor(() => noButton("Choose another organization"));
  });

  test.each<[ProblemCode, string]>([
    ["noLinkToCopy", "signInFailed"],
    ["notSignedIn", "signInFailed"],
    ["invitationDeclined", "signInFailed"],
    ["invitationExpired", "signInFailed"],
    ["invitationFailed", "signInFailed"],
    ["invitationUnavailable", "signInFailed"],
  ])("%s offers the sign-in that its sentence names", async (code, name) => {
    const { core, user } = await open({ ...scene(name), problem: problem(code) } as SessionView);
    await user.click(within(notice()).getByRole("button", { name: "Sign in" }));
    expect(core.calls).toEqual([{ command: "sign_in", payload: { intent: "signIn" } }]);
  });

  test("no link is offered to be copied once there is none", async () => {
    const { core, user } = await open(scene("waitingForBrowser"), {
      results: { copy_link: () => Promise.reject(problem("copyFailed")) },
    });
    await user.click(button("Copy link"));
    await findNotice();
    core.show(scene("finishing"));
    await screen.findByText("Finishing sign-in…", { selector: "h1" });
    await settle();
    noButton("Copy link");
  });
});

describe("every problem is shown, and no obsolete one is announced", () => {
  test("a rejected retry still offers to continue without a keychain", async () => {
    const { user } = await open(scene("noKeychain"), {
      results: { retry: () => Promise.reject(problem("tooOften")) },
    });
    await user.click(button("Try again"));
    await screen.findByText(/asked for too often/);
    button("Continue without a keychain");
  });

  test("a rejected retry does not change its button's name or the shown problem", async () => {
    const { user } = await open(scene("keychainUnavailable"), {
      results: { retry: () => Promise.reject(problem("tooOften")) },
    });
    await user.click(button("Unlock"));
    await screen.findByText(/asked for too often/);
    button("Unlock");
  });

  test("a rejected command does not take away a message that must stay", async () => {
    const view: SessionView = {
      status: "signedOut",
      reason: "signedOut",
      organization: null,
      offersSignUp: false,
      providers: [],
      problem: problem("notCleared"),
    };
    const { user } = await open(view, {
      results: { sign_in: () => Promise.reject(problem("tooOften")) },
    });
    expect(notice().textContent).toContain("still on this computer");
    await user.click(button("Sign in"));
    await screen.findByText(/asked for too often/);
    expect(document.body.textContent).toContain("still on this computer");
  });

  test("a rejection after a change of the session's step is not shown", async () => {
    const { promise, reject } = pending();
    const { core, user } = await open(scene("waitingForBrowser"), {
      results: { copy_link: () => promise },
    });
    await user.click(button("Copy link"));
    core.show(scene("signedIn"));
    await screen.findByText("Ada Lovelace");
    reject(problem("noLinkToCopy"));
    await settle();
    expect(notices()).toEqual([]);
  });

  test("a refresh that is tried by itself leaves its notice and the focus where they are", async () => {
    const { core } = await open(scene("delayed"));
    const before = notice();
    button("Try again").focus();
    core.show({ ...(scene("delayed") as SignedIn), refresh: { state: "refreshing" } });
    await settle();
    core.show(scene("delayed"));
    await settle();
    // A new alert would interrupt the screen reader at each retry.
    expect(notice()).toBe(before);
    expect(document.activeElement).toBe(button("Try again"));
  });

  test("a keychain that is tried again by itself leaves the focus where it is", async () => {
    const { core } = await open(scene("keychainUnavailable"));
    button("Unlock").focus();
    core.show({ status: "starting" });
    await settle();
    core.show(scene("keychainUnavailable"));
    await settle();
    expect(document.activeElement).toBe(button("Unlock"));
  });

  test("an unchanged result of the link check is announced", async () => {
    const { user } = await open(scene("linksLost"));
    await settle();
    const spoken: string[] = [];
    const region = screen.getByRole("status");
    new MutationObserver(() => spoken.push(region.textContent)).observe(region, {
      childList: true,
      characterData: true,
      subtree: true,
    });
    const before = notice();
    await user.click(button("Set up links again"));
    await settle();
    // The core publishes no view that is equal to the one before.
    expect(spoken.some((one) => one !== "") || notice() !== before).toBe(true);
  });

  test("the time of a notice is that of its problem", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date(2026, 4, 4, 9, 0) });
    try {
      const { core } = await open(scene("keychainUnavailable"));
      vi.setSystemTime(new Date(2026, 4, 4, 11, 30));
      core.show({ status: "keychainUnavailable", problem: problem("keychainFailed") });
      await screen.findByText("The keychain failed");
      expandAll();
      expect(notice().textContent).toMatch(/Time\s*11:30/);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("a link's question", () => {
  test("names where one signs in, or is no question", async () => {
    // A link has started the application, and the settings are read slowly.
    await open(scene("invited"), { results: { settings: () => new Promise(() => {}) } });
    await settle();
    expect(heading().textContent.replace(/\s+/g, " ").trim()).not.toBe("Sign in to ?");
  });

  test("names the host of an address without a scheme that has a port", () => {
    // `EnvironmentUrl::parse` accepts it, and the settings return it as it was entered.
    expect(hostOf("acme.scalekit.com:8443")).toBe("acme.scalekit.com:8443");
  });

  test("has no colon before nothing", async () => {
    await open(scene("invitedByConnection"));
    const lede = screen.getByText(/asks Latchkey to sign you in/);
    const who = lede.parentElement?.textContent.trim() ?? "";
    expect(who.endsWith(":")).toBe(false);
  });

  test("that replaces another is announced and shown from its heading, wherever the focus is", async () => {
    const { core, container } = await open(scene("invitedByAnybody"));
    await waitFor(() => expect(document.activeElement).toBe(opening()));
    await settle();
    button("Settings").focus();
    const main = () => container.querySelector("main") as HTMLElement;
    main().scrollTop = 300;
    core.show({ ...(scene("invited") as Invited), question: 8, loginHint: "eve@evil.example" });
    await screen.findByText("eve@evil.example");
    await settle();
    const isAnnounced = announced() !== "" || document.activeElement === opening();
    expect({ isAnnounced, scrollTop: main().scrollTop }).toEqual({
      isAnnounced: true,
      scrollTop: 0,
    });
  });

  test("is not declined by the key that is still held from closing the settings", async () => {
    const { core } = await inSettings(scene("signedOut"));
    core.show(scene("invited"));
    await settle();
    await fireEvent.keyDown(document.body, { key: "Escape" });
    await waitFor(() => expect(heading().textContent).toMatch(/^\s*Sign in to/));
    await fireEvent.keyDown(document.body, { key: "Escape", repeat: true });
    await tick();
    expect(commands(core)).toEqual([]);
  });
});

describe("announcements", () => {
  /** Opens the window, and records the announcements of the application. */
  async function listens(view: SessionView) {
    const spoken: string[] = [];
    const announce = (payload: unknown) => {
      spoken.push((payload as { text: string }).text);
      return true;
    };
    const window = await open(view, { results: { announce } });
    return {
      ...window,
      times: (words: string) => spoken.filter((it) => it.includes(words)).length,
    };
  }

  async function opensAndCloses(user: { click: (it: Element) => Promise<void> }) {
    await user.click(button("Settings"));
    await screen.findAllByRole("textbox");
    await user.click(button("Close"));
    await waitFor(() => expect(document.activeElement).toBe(button("Settings")));
    await settle();
  }

  test("near expiry is announced once, though the settings hide it meanwhile", async () => {
    const { user, times } = await listens(scene("endsSoon"));
    await waitFor(() => expect(times("ends soon")).toBe(1));
    await opensAndCloses(user);
    expect(notice().textContent).toContain("ends soon");
    expect(times("ends soon")).toBe(1);
    expect(screen.queryByRole("alert")).toBeNull();
  });

  test("notice is announced once, though the settings hide it meanwhile", async () => {
    const { core, user, times } = await listens(scene("signedIn"));
    button("Sign out").focus();
    core.show(scene("delayed"));
    await waitFor(() => expect(times("cannot be reached")).toBe(1));
    await opensAndCloses(user);
    expect(notice().textContent).toContain("cannot be reached");
    expect(times("cannot be reached")).toBe(1);
    expect(screen.queryByRole("alert")).toBeNull();
  });

  test("notice that comes while the settings are open is announced once they are closed", async () => {
    const { core, user, times } = await listens(scene("signedIn"));
    await user.click(button("Settings"));
    await screen.findAllByRole("textbox");
    core.show(scene("delayed"));
    await settle();
    expect(times("cannot be reached")).toBe(0);
    await user.click(button("Close"));
    await waitFor(() => expect(times("cannot be reached")).toBe(1));
  });

  test("button that dismisses a notice has no description that repeats its name", async () => {
    await open(scene("delayed"));
    expect(button("Dismiss").hasAttribute("title")).toBe(false);
    expect(description(button("Dismiss"))).toBe("");
  });

  test("another language announces no change of the session", async () => {
    const { core, user } = await inSettings(scene("signedIn"));
    await user.selectOptions(screen.getByRole("combobox", { name: "Language" }), "Deutsch");
    await waitFor(() => expect(document.documentElement.lang).toBe("de"));
    await settle();
    core.show({
      ...(scene("signedIn") as SignedIn),
      refresh: { state: "scheduled", at: Date.now() + 900_000 },
    });
    await settle();
    expect(announced()).not.toBe("Sie sind angemeldet.");
  });

  test("an automatic refresh after a rejected one by command is not announced", async () => {
    const { core, user } = await open(scene("signedIn"), {
      results: { refresh: () => Promise.reject(problem("tooOften")) },
    });
    expandAll();
    await user.click(button("Renew now"));
    await screen.findByText(/asked for too often/);
    await user.click(button("Dismiss"));
    core.show({
      ...(scene("signedIn") as SignedIn),
      refresh: { state: "scheduled", at: Date.now() + 900_000 },
    });
    await settle();
    expect(announced()).not.toBe("Renewed.");
  });
});
