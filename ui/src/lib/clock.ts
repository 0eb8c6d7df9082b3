import { createSubscriber } from "svelte/reactivity";

const MINUTE = 60_000;

/**
 * The time in milliseconds since the Unix epoch. A template or an effect that reads it runs again each minute. The timer
 * runs only while there is such a reader and the document is visible.
 */
export function now(): number {
  eachMinute();
  return Date.now();
}

/** The whole minutes until a moment, rounded up; 0 when it has passed. Counted from now on, or at this time only. */
export function minutesUntil(moment: number, at = now()): number {
  return Math.max(0, Math.ceil((moment - at) / MINUTE));
}

/** Whether two moments are on the same day in local time. */
export function isSameDay(one: number, other: number): boolean {
  return new Date(one).toDateString() === new Date(other).toDateString();
}

const eachMinute = createSubscriber((update) => {
  let timer: ReturnType<typeof setTimeout> | undefined;

  function start() {
    timer = setTimeout(tick, MINUTE);
  }
  function tick() {
    update();
    start();
  }
  function seenOrHidden() {
    clearTimeout(timer);
    if (!document.hidden) tick();
  }

  if (!document.hidden) start();
  document.addEventListener("visibilitychange", seenOrHidden);
  return () => {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", seenOrHidden);
  };
});
