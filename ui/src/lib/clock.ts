import { createSubscriber } from "svelte/reactivity";

/**
 * The time in milliseconds since the Unix epoch. Whoever reads it in a template or an effect
 * reads it anew each second, but only while somebody does and the window can be seen.
 */
export function now(): number {
  eachSecond();
  return Date.now();
}

const eachSecond = createSubscriber((update) => {
  let timer: ReturnType<typeof setTimeout> | undefined;

  function start() {
    timer = setTimeout(tick, 1000 - (Date.now() % 1000));
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
