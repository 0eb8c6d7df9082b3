import { mount } from "svelte";

import App from "./App.svelte";
import { Locale } from "./lib/locale.svelte";
import { styleSheets } from "./lib/style-sheets";
import "./app.css";

/** Resolves when the document has been parsed: this script is asynchronous. */
const parsed = new Promise<void>((resolve) => {
  if (document.readyState !== "loading") resolve();
  else document.addEventListener("DOMContentLoaded", () => resolve(), { once: true });
});

const styled = parsed.then(styleSheets);
const [locale] = await Promise.all([Locale.load(navigator.language), styled]);
const target = document.getElementById("app");
if (!target) throw new Error("index.html has no element #app");
mount(App, { target, props: { locale } });
