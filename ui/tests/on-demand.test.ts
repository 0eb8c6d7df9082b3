import { expect, test, vi } from "vitest";

import { OnDemand, settingsView } from "../src/lib/on-demand.svelte";
import type * as OnDemandModule from "../src/lib/on-demand.svelte";
import { page } from "../src/lib/page";
import SelfCheck from "../src/views/SelfCheck.svelte";
import Settings from "../src/views/Settings.svelte";
import { button, english, findNotice, heading, notices, open, scene } from "./window";

const loadSettings = vi.hoisted(() => vi.fn());
// In the other tests the settings are loaded.
vi.mock("../src/lib/on-demand.svelte", async (original) => {
  const module = await original<typeof OnDemandModule>();
  return { ...module, settingsView: new module.OnDemand<typeof Settings>(loadSettings) };
});

function viewOnDemand() {
  const load = vi.fn(() => Promise.resolve({ default: SelfCheck }));
  return { load, view: new OnDemand<typeof SelfCheck>(load) };
}

test("a view on demand is not loaded before it is opened", () => {
  const { load, view } = viewOnDemand();
  expect(view.view).toBeNull();
  expect(load).not.toHaveBeenCalled();
});

test("a view on demand opens once it is loaded, and then at once", async () => {
  const { load, view } = viewOnDemand();
  const opened: string[] = [];
  view.whenLoaded(() => opened.push("first"));
  expect(opened).toEqual([]);
  await vi.waitFor(() => expect(opened).toEqual(["first"]));
  expect(view.view).toBe(SelfCheck);
  view.whenLoaded(() => opened.push("second"));
  expect(opened).toEqual(["first", "second"]);
  expect(load).toHaveBeenCalledOnce();
});

test("a view that cannot be loaded reports that, and opens with a later attempt", async () => {
  const { load, view } = viewOnDemand();
  load.mockRejectedValueOnce(new Error("no such file"));
  const opened = vi.fn();
  view.whenLoaded(opened);
  await vi.waitFor(() => expect(view.failure?.why.detail).toBe("no such file"));
  expect(opened).not.toHaveBeenCalled();
  await view.load(opened);
  expect(opened).toHaveBeenCalledOnce();
  expect(view.failure).toBeNull();
});

test("the form of the first start that cannot be loaded is named on the screen that waits", async () => {
  loadSettings.mockRejectedValue(new Error("no such file"));
  await open(scene("notConfigured"));
  expect((await findNotice()).textContent).toContain(english.text.unexpected.heading);
  settingsView.dismiss();
});

test("settings that cannot be loaded are named with what to do, and the page loads again", async () => {
  loadSettings.mockRejectedValue(new Error("no such file"));
  const { user } = await open(scene("signedOut"));
  await user.click(button("Settings"));
  const text = (await findNotice()).textContent;
  expect(text).toContain("Try again. If it happens again, restart");
  const reload = vi.spyOn(page, "reload").mockReturnValue();
  await user.click(button("Try again"));
  expect(reload).toHaveBeenCalledOnce();
  loadSettings.mockResolvedValue({ default: Settings });
  await user.click(button("Settings"));
  await vi.waitFor(() => expect(heading().textContent).toBe("Settings"));
  expect(notices()).toEqual([]);
});
