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

test("the countdown goes down by the second, and is not read out", async () => {
  await open(scene("waitingForBrowser"));
  const timer = screen.getByRole("timer");
  await act(() => vi.advanceTimersByTime(60_000));
  const said = announced();
  const before = secondsOf(timer);
  await act(() => vi.advanceTimersByTime(3_000));
  expect(before - secondsOf(timer)).toBe(3);
  expect(announced()).toBe(said);
  expect(timer.hasAttribute("aria-live")).toBe(false);
});

test("the countdown ends at nothing", async () => {
  await open(scene("waitingForBrowser"));
  await act(() => vi.advanceTimersByTime(3_600_000));
  expect(screen.getByRole("timer").textContent).toBe("Waiting for 0 sec more");
});

test("a refresh that is due is awaited", async () => {
  await open(scene("signedIn"));
  await act(() => vi.advanceTimersByTime(201_000));
  expect(screen.getByRole("timer").textContent.trim()).toBe("Renews any moment now");
});

test("nothing ticks while the window is hidden, and the time is right when it is back", async () => {
  await open(scene("waitingForBrowser"));
  const timer = screen.getByRole("timer");
  await act(() => hide(true));
  const before = secondsOf(timer);
  await act(() => vi.advanceTimersByTime(30_000));
  expect(secondsOf(timer)).toBe(before);

  await act(() => hide(false));
  expect(before - secondsOf(timer)).toBeGreaterThanOrEqual(30);
});

test("there is one timer for all who look at the clock, and none when nobody does", async () => {
  vi.useFakeTimers({ now: 1_000_400 });
  const seen: number[] = [];
  const look = () =>
    $effect.root(() => {
      $effect(() => void seen.push(now()));
    });
  const leave = [look(), look()];
  flushSync();
  expect(vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(600);
  expect(seen).toEqual([1_000_400, 1_000_400, 1_001_000, 1_001_000]);

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

/** The seconds in "Waiting for 9 min 41 sec more". */
function secondsOf(timer: HTMLElement): number {
  const [, minutes = "0", seconds = "0"] = /(\d+) min (\d+) sec/.exec(timer.textContent) ?? [];
  return Number(minutes) * 60 + Number(seconds);
}
