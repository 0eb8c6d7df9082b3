import { act } from "@testing-library/svelte";
import { flushSync } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { now } from "../src/lib/clock";
import { announced, open, scene, screen } from "./window";

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true, now: new Date("2026-05-04T12:00:00Z") });
});
afterEach(() => {
  hide(false);
  vi.useRealTimers();
});

test("the wait is counted only in its last minutes, in whole ones, and is not read out", async () => {
  await open(scene("waitingForBrowser"));
  await act(() => vi.advanceTimersByTime(7 * 60_000));
  expect(screen.queryByRole("timer")).toBeNull();
  await act(() => vi.advanceTimersByTime(60_000));
  const timer = screen.getByRole("timer");
  expect(timer.textContent).toBe("2 minutes left to finish signing in");
  expect(announced()).not.toContain("minute");
  await act(() => vi.advanceTimersByTime(60_000));
  expect(timer.textContent).toBe("1 minute left to finish signing in");
  expect(announced()).not.toContain("minute");
  expect(timer.hasAttribute("aria-live")).toBe(false);
});

test("a refresh that is due is awaited", async () => {
  await open(scene("signedIn"));
  await showDetails();
  await act(() => vi.advanceTimersByTime(201_000));
  expectRefresh("Renews by itself, shortly");
});

test("nothing ticks while the window is hidden, and the time is right when it is back", async () => {
  await open(scene("signedIn"));
  await showDetails();
  expectRefresh("Renews by itself, next in about 4 minutes");
  await act(() => hide(true));
  await act(() => vi.advanceTimersByTime(120_000));
  expectRefresh("Renews by itself, next in about 4 minutes");
  await act(() => hide(false));
  expectRefresh("Renews by itself, next in about 2 minutes");
});

test("nothing ticks while the details are closed, and the time is right when they are opened", async () => {
  await open(scene("signedIn"));
  await act(() => vi.advanceTimersByTime(120_000));
  expectRefresh("Renews by itself, next in about 4 minutes");
  await showDetails();
  expectRefresh("Renews by itself, next in about 2 minutes");
});

test("the clock has one timer for all its readers, and none without a reader", async () => {
  vi.useFakeTimers({ now: 1_000_400 });
  const seen: number[] = [];
  const look = () =>
    $effect.root(() => {
      $effect(() => void seen.push(now()));
    });
  const leave = [look(), look()];
  flushSync();
  expect(vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(seen).toEqual([1_000_400, 1_000_400, 1_060_400, 1_060_400]);

  hide(true);
  expect(vi.getTimerCount()).toBe(0);
  hide(false);
  expect(vi.getTimerCount()).toBe(1);

  for (const stop of leave) stop();
  await vi.advanceTimersByTimeAsync(0);
  expect(vi.getTimerCount()).toBe(0);
});

function hide(hidden: boolean) {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}

async function showDetails() {
  const details = screen.getByRole("button", { name: "Details" }).closest("details");
  await act(() => {
    if (details === null) return;
    details.open = true;
    details.dispatchEvent(new Event("toggle"));
  });
}

function expectRefresh(words: string) {
  expect(screen.getByText(/^Renews/).textContent?.trim()).toBe(words);
}
