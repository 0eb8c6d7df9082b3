/**
 * The window without a core, one view at a time: `npm run dev`, then
 * `/preview/?scene=signedIn&lang=ar&settings=locked`. No part of the build.
 */
import { mount } from "svelte";

import App from "../src/App.svelte";
import { Locale } from "../src/lib/locale.svelte";
import { PretendedCore } from "./core";
import {
  lockedSettings,
  noSettings,
  offline,
  otherResourceSettings,
  reports,
  resourceSettings,
  scenes,
  settings,
  wrongResourceSettings,
} from "./scenes";
import "../src/app.css";

const query = new URLSearchParams(location.search);
const name = query.get("scene") ?? "signedIn";
const view = scenes(Date.now())[name];
const ofName: Record<string, typeof settings> = {
  none: noSettings,
  locked: lockedSettings,
  resource: resourceSettings,
  otherResource: otherResourceSettings,
  wrongResource: wrongResourceSettings,
};

new PretendedCore(view ?? { status: "starting" }, {
  watch: () => {
    if (!view) throw offline;
  },
  settings: () => ofName[query.get("settings") ?? ""] ?? settings,
  preferences: () => ({ language: query.get("lang"), theme: "system", zoom: 1 }),
  reports: () => reports,
  check_environment: () => ({ issuer: "https://acme.scalekit.com" }),
});

const target = document.getElementById("app");
if (!target) throw new Error("index.html has no element #app");
const tag = query.get("lang") ?? navigator.language;
void Locale.load(tag).then((locale) => {
  mount(App, { target, props: { locale } });
  if (query.has("reports")) showReports();
});

/** Presses the button of the protected resource once it is there. */
function showReports(): void {
  const button = document.querySelector<HTMLElement>("section.card button");
  if (button) button.click();
  else requestAnimationFrame(showReports);
}
