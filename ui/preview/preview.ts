/**
 * The window without a core, one view at a time: `npm run dev`, then
 * `/preview/?scene=signedIn&lang=ar&settings=locked`. No part of the build.
 */
import { mockIPC } from "@tauri-apps/api/mocks";
import { mount } from "svelte";

import App from "../src/App.svelte";
import { localeFor } from "../src/lib/locale";
import { lockedSettings, noSettings, offline, scenes, settings } from "./scenes";
import "../src/app.css";

const query = new URLSearchParams(location.search);
const name = query.get("scene") ?? "signedIn";
const view = scenes(Date.now())[name];
const ofName: Record<string, typeof settings> = { none: noSettings, locked: lockedSettings };

mockIPC((command, payload) => {
  switch (command) {
    case "plugin:scalekit|watch": {
      if (!view) throw offline;
      const { channel } = payload as { channel: { id: number } };
      window.__TAURI_INTERNALS__.runCallback(channel.id, { index: 0, message: view });
      return null;
    }
    case "settings":
      return ofName[query.get("settings") ?? ""] ?? settings;
    case "check_environment":
      return { issuer: "https://acme.scalekit.com" };
    default:
      console.info(command, payload);
      return null;
  }
});

const target = document.getElementById("app");
if (!target) throw new Error("index.html has no element #app");
mount(App, { target, props: { locale: localeFor(query.get("lang") ?? navigator.language) } });
