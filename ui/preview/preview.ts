/**
 * The window with a fake of the core, one view at a time: `npm run dev`, then
 * `/preview/?scene=signedIn&lang=ar`. No part of the build.
 */
import { mount } from "svelte";

import App from "../src/App.svelte";
import { Locale } from "../src/lib/locale.svelte";
import { styleSheets } from "../src/lib/style-sheets";
import { PretendedCore } from "./core";
import { offline, report, reports, scenes, settings } from "./scenes";
import { stages } from "./stages";
import "../src/app.css";

const query = new URLSearchParams(location.search);
const name = query.get("scene") ?? "signedIn";
const stage = stages(Date.now())[name];
const view = stage?.view ?? scenes(Date.now())[name];
const core = new PretendedCore(view ?? { status: "starting" }, {
  watch: () => {
    if (!view) throw offline;
  },
  settings: () => settings,
  preferences: () => ({ language: query.get("lang"), theme: "system", zoom: 1 }),
  reports: () => reports,
  self_check: () => report,
  check_environment: () => ({ issuer: "https://acme.scalekit.com" }),
  ...stage?.results,
});

const target = document.getElementById("app");
if (!target) throw new Error("index.html has no element #app");
const tag = query.get("lang") ?? navigator.language;
// The gallery waits until this attribute is removed.
document.body.dataset["staging"] = "";
// The gallery compares the places of the buttons before and after it.
Object.assign(window, {
  showNotice: () => {
    const { view } = core;
    if ("problem" in view && view.problem === null) core.show({ ...view, problem: offline });
  },
});
void Promise.all([Locale.load(tag), styleSheets()]).then(async ([locale]) => {
  mount(App, { target, props: { locale } });
  await stage?.acts(core);
  delete document.body.dataset["staging"];
});
