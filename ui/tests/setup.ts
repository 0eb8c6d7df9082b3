import { clearMocks } from "@tauri-apps/api/mocks";
import { configure } from "@testing-library/svelte";
import { afterEach } from "vitest";

// How long to wait for what should come at once, on a machine that is busy with something else.
configure({ asyncUtilTimeout: 10_000 });

afterEach(() => clearMocks());

// jsdom knows the element and not how it is opened; the focus is held by the browser, and tried there.
HTMLDialogElement.prototype.showModal = function () {
  this.open = true;
  this.querySelector("button")?.focus();
};
HTMLDialogElement.prototype.close = function () {
  this.open = false;
};
