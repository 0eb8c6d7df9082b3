import { clearMocks } from "@tauri-apps/api/mocks";
import { configure } from "@testing-library/svelte";
import { afterEach } from "vitest";

import { selfCheckView, settingsView } from "../src/lib/on-demand.svelte";

// The timeout for an immediate change on a machine under load.
configure({ asyncUtilTimeout: 10_000 });

afterEach(() => clearMocks());

// As after their first opening, which `on-demand.test.ts` tests.
await Promise.all([settingsView.load(), selfCheckView.load()]);

// jsdom has no layout.
globalThis.ResizeObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
globalThis.IntersectionObserver = class {
  observe() {}
  disconnect() {}
} as unknown as typeof IntersectionObserver;

// jsdom lacks the methods of `<dialog>`. The focus trap is the browser's, and is not tested here.
HTMLDialogElement.prototype.showModal = function () {
  this.open = true;
  this.querySelector("button")?.focus();
};
HTMLDialogElement.prototype.close = function () {
  this.open = false;
};
Element.prototype.scrollIntoView = () => {};
