import { waitFor } from "@testing-library/svelte";
import { expect, test } from "vitest";

import { button, expectAccessible, open, scene, screen } from "./window";

const there = { tray: true, closeToTray: false, startAtLogin: false };

async function settings(results: Record<string, (payload: unknown) => unknown>) {
  const window = await open(scene("signedIn"), { results });
  await window.user.click(button("Settings"));
  await screen.findByRole("heading", { level: 2, name: "Connection" });
  return window;
}

const checkbox = (name: string) => screen.findByRole<HTMLInputElement>("checkbox", { name });
const CLOSE = "Keep running when the window is closed";
const LOGIN = "Start when I log in";

test("closing to the tray is offered where there is one, and stored", async () => {
  const { core, user } = await settings({
    presence: () => there,
    save_presence: (payload) => ({ tray: true, ...(payload as object) }),
  });
  const close = await checkbox(CLOSE);
  screen.getByText(/Closing this window ends Latchkey/);
  await user.click(close);
  await screen.findByText(/Closing this window leaves Latchkey running in the tray/);
  expect(close.checked).toBe(true);
  expect(core.calls).toEqual([
    { command: "save_presence", payload: { closeToTray: true, startAtLogin: false } },
  ]);
  await expectAccessible();
});

test("without a tray only starting at login is offered", async () => {
  await settings({ presence: () => ({ ...there, tray: false }) });
  await checkbox(LOGIN);
  expect(screen.queryByRole("checkbox", { name: CLOSE })).toBeNull();
});

test("where the desktop has neither, nothing is offered", async () => {
  await settings({ presence: () => ({ ...there, tray: false, startAtLogin: null }) });
  expect(screen.queryByRole("heading", { name: "In the background" })).toBeNull();
  expect(screen.queryByRole("checkbox")).toBeNull();
});

test("starting at login that could not be stored is shown as it is", async () => {
  const { user } = await settings({
    presence: () => there,
    save_presence: () => {
      throw { code: "settingsNotSaved", message: "", parameters: { path: "/a" }, detail: null };
    },
  });
  await user.click(await checkbox(LOGIN));
  await waitFor(() =>
    expect(screen.getByRole("alert").textContent).toContain("The settings were not saved"),
  );
  expect((await checkbox(LOGIN)).checked).toBe(false);
});

test("a tray that has come meanwhile is offered when the window is in use again", async () => {
  let tray = false;
  await settings({ presence: () => ({ ...there, tray }) });
  await checkbox(LOGIN);
  tray = true;
  window.dispatchEvent(new Event("focus"));
  await checkbox(CLOSE);
});
