import { expect, test, vi } from "vitest";

import { OnDemand } from "../src/lib/on-demand.svelte";
import SelfCheck from "../src/views/SelfCheck.svelte";

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
