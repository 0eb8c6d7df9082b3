import { waitFor } from "@testing-library/svelte";
import type { Problem, SessionView } from "tauri-plugin-scalekit-api";
import { describe, expect, test } from "vitest";

import type { Results } from "../preview/core";
import {
  ada,
  otherResourceSettings,
  reports,
  resourceSettings,
  settings,
  wrongResourceSettings,
} from "../preview/scenes";
import { languages } from "../src/lib/locale.svelte";
import type { Reports, Settings } from "../src/lib/settings-types";
import {
  announced,
  button,
  expectAccessible,
  noButton,
  notice,
  open,
  pending,
  scene,
  screen,
} from "./window";

const MISSING = "You need the permission audits:read to see the reports.";

const items = () => [...document.querySelectorAll("section.card li")].map((one) => one.textContent);

/** The text without the characters that isolate a value. */
const plain = (text: string) => text.replace(/[\u2068\u2069]/g, "");

const unreachable: Problem = {
  code: "resourceOffline",
  message: "",
  parameters: { address: "https://api.acme.example" },
  detail: "No response in time",
};

/** Opens Ada's window with a resource, and with the result of a request for it. */
async function offering(
  of: Settings,
  result: (() => unknown) | null = null,
  view: SessionView = scene("signedIn"),
) {
  const results: Results = { settings: () => of };
  if (result) results.reports = result;
  const opened = await open(view, { results });
  if (of.resource) await screen.findByRole("heading", { level: 2, name: "Reports" });
  return opened;
}

function signedIn(permissions: string[] | null, at: number, subject = ada.subject): SessionView {
  return {
    status: "signedIn",
    profile: { ...ada, permissions, subject },
    stored: "yes",
    refresh: { state: "scheduled", at },
    announcedEnd: null,
    signInAgain: false,
    organizations: [],
    pages: [],
    problem: null,
  };
}

const alert = () => screen.getByRole("alert");
const later = Date.now() + 240_000;

describe("the protected resource", () => {
  test("that is forbidden in the only organization offers no other", async () => {
    const { core } = await offering(otherResourceSettings);
    await waitFor(() => button("Choose another organization"));
    core.show({ ...core.view, organizations: null } as SessionView);
    await waitFor(() => noButton("Choose another organization"));
    screen.getByText("Ask your administrator for the permission, then renew your sign-in.");
    button("Renew and try again");
  });

  test("is not there where none is set", async () => {
    const { core } = await offering(settings);
    await screen.findByText("acme.scalekit.com");
    noButton("Show reports");
    expect(core.calls).toEqual([]);
  });

  test("is fetched when the user requests it, and not before", async () => {
    const { promise, resolve } = pending();
    const { core, user } = await offering(resourceSettings, () => promise);
    expect(core.calls).toEqual([]);
    button("Show reports").focus();
    await user.keyboard("{Enter}");
    expect(core.calls).toEqual([{ command: "reports", payload: {} }]);
    expect(button("Show reports").getAttribute("aria-busy")).toBe("true");
    await user.keyboard("{Enter}");
    expect(core.calls).toHaveLength(1);
    expect(announced()).toBe("Loading the reports…");

    resolve(reports);
    await screen.findByText(/Engine, 1843/);
    expect(items()).toHaveLength(2);
    await waitFor(() => expect(announced()).toBe("2 reports"));
    expect(document.activeElement).toBe(button("Load again"));
  });

  test.each<[string | null, string]>([
    ["audits:read", MISSING],
    [null, "Your access is not enough to see the reports."],
  ])("that the service forbids names what is missing: %j", async (permission, sentence) => {
    const forbidden: Reports = { outcome: "forbidden", permission };
    const { user } = await offering(resourceSettings, () => forbidden);
    await user.click(button("Show reports"));
    await waitFor(() => expect(plain(announced())).toBe(sentence));
    expect(document.activeElement).toBe(screen.getByRole("heading", { name: "Reports" }));
    noButton("Show reports");
    screen.getByText(/Ask your administrator for the permission/);
  });

  test("without the permission is not fetched, and leads on", async () => {
    const { core, user } = await offering(otherResourceSettings);
    expect(screen.getByText(/You need the permission/).textContent.trim()).toBe(MISSING);
    noButton("Show reports");
    expect(core.calls).toEqual([]);
    await user.click(button("Choose another organization"));
    expect(core.calls).toEqual([{ command: "sign_in", payload: { intent: "selectOrganization" } }]);
  });

  test("of an opaque access token is the service's to decide", async () => {
    const view = signedIn(null, later);
    const { core, user } = await offering(otherResourceSettings, () => reports, view);
    await user.click(button("Show reports"));
    await screen.findByText(/Engine, 1843/);
    expect(core.calls.map(({ command }) => command)).toEqual(["reports"]);
  });

  test("is fetched when a refresh has brought the permission", async () => {
    const { core, user } = await offering(otherResourceSettings, () => reports);
    await user.click(button("Renew and try again"));
    expect(button("Renew and try again").getAttribute("aria-busy")).toBe("true");
    core.show({ ...signedIn(ada.permissions, later), refresh: { state: "refreshing" } } as never);
    core.show(signedIn(["audits:read"], later + 1));
    await screen.findByText(/Engine, 1843/);
    expect(core.calls.map(({ command }) => command)).toEqual(["refresh", "reports"]);
    noButton("Renew and try again");
    expect(document.activeElement).not.toBe(document.body);
  });

  test("is not fetched when a refresh has not brought the permission", async () => {
    const { core, user } = await offering(otherResourceSettings, () => reports);
    await user.click(button("Renew and try again"));
    core.show(signedIn(ada.permissions, later + 2));
    await waitFor(() =>
      expect(announced()).toBe("Your sign-in was renewed. The permission is still missing."),
    );
    expect(core.calls.map(({ command }) => command)).toEqual(["refresh"]);
    expect(document.activeElement).toBe(button("Renew and try again"));
    expect(button("Renew and try again").getAttribute("aria-busy")).toBeNull();
  });

  test("is hidden as soon as the permission is withdrawn", async () => {
    const { core, user } = await offering(resourceSettings, () => reports);
    await user.click(button("Show reports"));
    await screen.findByText(/Engine, 1843/);
    core.show(signedIn([], later));
    await screen.findByText(/You need the permission/);
    expect(screen.queryByText(/Engine, 1843/)).toBeNull();
  });

  test("of one user is not shown to the next", async () => {
    const { core, user } = await offering(resourceSettings, () => reports);
    await user.click(button("Show reports"));
    await screen.findByText(/Engine, 1843/);
    core.show(signedIn(ada.permissions, later, "usr_2"));
    await waitFor(() => expect(screen.queryByText(/Engine, 1843/)).toBeNull());
    button("Show reports");
  });

  test("that comes for the user before is dropped", async () => {
    const { promise, resolve } = pending();
    const { core, user } = await offering(resourceSettings, () => promise);
    await user.click(button("Show reports"));
    core.show(signedIn(ada.permissions, later, "usr_2"));
    await waitFor(() => expect(button("Show reports").getAttribute("aria-busy")).toBeNull());
    resolve(reports);
    await promise;
    await Promise.resolve();
    expect(screen.queryByText(/Engine, 1843/)).toBeNull();
  });

  test("that is unavailable shows why, once, and can be fetched again", async () => {
    const results: Reports[] = [{ outcome: "unavailable", problem: unreachable }, reports];
    const { user } = await offering(resourceSettings, () => results.shift());
    await user.click(button("Show reports"));
    await screen.findByRole("alert");
    expect(plain(alert().textContent)).toContain("at https://api.acme.example cannot be reached");
    expect(screen.getAllByRole("alert")).toHaveLength(1);
    await waitFor(() => expect(announced()).not.toMatch(/reached/));
    await user.click(button("Show reports"));
    await screen.findByText(/Engine, 1843/);
    expect(screen.queryByRole("alert")).toBeNull();
  });

  test("that is rate limited shows that", async () => {
    const tooOften = { code: "tooOften", message: "", parameters: {}, detail: null };
    const { user } = await offering(resourceSettings, () => Promise.reject(tooOften as never));
    await user.click(button("Show reports"));
    expect((await screen.findByRole("alert")).textContent).toContain("That was too fast");
  });

  test("that does not accept the sign-in offers another one", async () => {
    const problem: Problem = { ...unreachable, code: "resourceRejectedSignIn", detail: "Revoked" };
    const { core, user } = await offering(resourceSettings, () => ({
      outcome: "unavailable",
      problem,
    }));
    await user.click(button("Show reports"));
    await screen.findByRole("alert");
    await user.click(button("Sign in again"));
    expect(core.calls.map(({ command }) => command)).toEqual(["reports", "sign_in"]);
  });

  test("at an address that is not allowed shows that and offers nothing", async () => {
    const { core } = await offering(wrongResourceSettings);
    expect(plain(notice().textContent)).toContain("The service at https://api.elsewhere.example");
    // No alert: the page with it is shown again each time the settings are closed.
    expect(screen.queryByRole("alert")).toBeNull();
    noButton("Show reports");
    noButton("Renew and try again");
    expect(core.calls).toEqual([]);
  });

  test("shows text of the service as text", async () => {
    const titles = ["<img src=x onerror=alert(1)>", "\u202e{@html} &amp;"];
    const { user } = await offering(resourceSettings, () => ({
      outcome: "allowed",
      items: titles,
    }));
    await user.click(button("Show reports"));
    await waitFor(() =>
      expect(items()).toEqual(titles.map((title) => title.replace("\u202e", "\ufffd"))),
    );
    expect(document.querySelector("li img")).toBeNull();
  });

  describe.each([...languages])("in %s", (language) => {
    test.each([
      ["shown", resourceSettings, reports],
      ["forbidden", otherResourceSettings, reports],
      ["not to be had", resourceSettings, { outcome: "unavailable", problem: unreachable }],
      ["not allowed", wrongResourceSettings, reports],
    ])("%s has no finding of axe", async (_, of, result) => {
      const results = { settings: () => of, reports: () => result };
      const { user } = await open(scene("signedIn"), { language, results });
      await screen.findByRole("heading", { level: 2, name: /Reports|Berichte|レポート|التقارير/ });
      const show = screen.queryByRole("button", { name: /Show|anzeigen|表示|عرض/ });
      if (show) await user.click(show);
      if (of === resourceSettings)
        await waitFor(() =>
          expect(document.querySelector("section.card li, [role=alert]")).not.toBeNull(),
        );
      await expectAccessible();
    });
  });
});
