/**
 * The window without a core, one view at a time: `npm run dev`, then
 * `/preview/?scene=signedIn&lang=ar&settings=locked`. No part of the build.
 */
import { mount } from "svelte";

import App from "../src/App.svelte";
import { Locale } from "../src/lib/locale.svelte";
import { PretendedCore } from "./core";
import { lockedSettings, noSettings, offline, report, scenes, settings } from "./scenes";
import "../src/app.css";

const query = new URLSearchParams(location.search);
const name = query.get("scene") ?? "signedIn";
const view = scenes(Date.now())[name];
const ofName: Record<string, typeof settings> = { none: noSettings, locked: lockedSettings };

new PretendedCore(view ?? { status: "starting" }, {
  watch: () => {
    if (!view) throw offline;
  },
  settings: () => ofName[query.get("settings") ?? ""] ?? settings,
  preferences: () => ({ language: query.get("lang"), theme: "system", zoom: 1 }),
  self_check: () => report,
  check_environment: () => ({ issuer: "https://acme.scalekit.com" }),
});

const target = document.getElementById("app");
if (!target) throw new Error("index.html has no element #app");
const tag = query.get("lang") ?? navigator.language;
void Locale.load(tag).then((locale) => {
  mount(App, { target, props: { locale } });
  if (query.get("open") === "selfCheck") openSelfCheck();
});

/** Goes there as a user does, through the settings. */
function openSelfCheck() {
  const find = (selector: string) => document.querySelector<HTMLElement>(selector);
  const waiting = setInterval(() => {
    const check = find("main [data-opens-self-check] button");
    if (check) clearInterval(waiting);
    (check ?? find("[data-opens-settings] button[aria-expanded=false]"))?.click();
  }, 20);
}
