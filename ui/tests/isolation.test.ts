import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { invoke } from "@tauri-apps/api/core";
import * as plugin from "tauri-plugin-scalekit-api";
import { beforeEach, expect, test } from "vitest";

import source from "../isolation/hook.js?raw";
import { readPreferences, savePreferences, setZoom } from "../src/lib/preferences";
import { Announcer } from "../src/lib/announcer.svelte";
import { readPresence, savePresence } from "../src/lib/presence";
import { checkEnvironment, fetchReports, readSettings, saveSettings } from "../src/lib/settings";
import { languages } from "../src/lib/locale.svelte";
import type { Language, Theme } from "../src/lib/settings-types";

const ofRepository = (file: string) =>
  readFileSync(resolve(import.meta.dirname, "../..", file), "utf8");

type Message = {
  cmd: unknown;
  callback: unknown;
  error: unknown;
  payload?: unknown;
  options?: unknown;
};
type Hook = (message: Message) => Message;

const frame: { __TAURI_ISOLATION_HOOK__?: Hook } = {};
new Function("window", source)(frame);
const hook = frame.__TAURI_ISOLATION_HOOK__ as Hook;

const message = (cmd: unknown, payload: unknown = {}, options?: unknown): Message => ({
  cmd,
  callback: 1,
  error: 2,
  payload,
  options,
});
const isDropped = (one: Message) => expect(() => hook(one)).toThrow("dropped");

/** The commands the window is permitted to call, by its capability and the plugin's default. */
function permitted(): string[] {
  const command = (permission: string) => permission.replace("allow-", "").replaceAll("-", "_");
  const permissions = ofRepository("crates/tauri-plugin-scalekit/permissions/default.toml");
  const list = permissions.slice(permissions.indexOf("permissions = ["));
  const capability = JSON.parse(ofRepository("src-tauri/capabilities/main.json")) as {
    permissions: string[];
  };
  const ofPlugin = [...list.matchAll(/"(allow-[a-z-]+)"/g)].map(([, one]) => one ?? "");
  return [
    ...ofPlugin.map((one) => `plugin:scalekit|${command(one)}`),
    ...capability.permissions.filter((one) => one.startsWith("allow-")).map(command),
  ].sort();
}

test("the hook passes the commands of the plugin and of the application", () => {
  const names = ofRepository("crates/tauri-plugin-scalekit/src/command_names.rs");
  const ofPlugin = [...names.matchAll(/^ +(\w+),$/gm)].map(([, one]) => `plugin:scalekit|${one}`);
  expect(ofPlugin.length).toBeGreaterThan(10);
  const [, list = ""] = source.split("Object.entries({");
  const commands = [...list.matchAll(/^ {6}"?([\w:|]+)"?: \{/gm)].map(([, one]) => one);
  expect(commands.filter((one) => one?.startsWith("plugin:")).sort()).toEqual(ofPlugin.sort());
  expect([...commands].sort()).toEqual(permitted());
});

/** The messages of the page's own functions, as Tauri's script in the page sends them. */
let sent: string[] = [];
beforeEach(() => {
  sent = [];
  const overToTheFrame = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;
  Object.assign(window, {
    __TAURI_INTERNALS__: {
      transformCallback: () => 7,
      unregisterCallback: () => undefined,
      invoke: (cmd: string, payload: unknown, options: unknown) => {
        sent.push(cmd);
        const passed = hook(message(cmd, overToTheFrame(payload), options));
        expect(passed).toEqual(message(cmd, overToTheFrame(payload), options));
        return Promise.resolve();
      },
    },
  });
});

test("everything the page itself sends passes, and it is exactly what the window is permitted", async () => {
  await plugin.watch(() => undefined);
  await plugin.signIn();
  // Every intent of the type: a new one that is missing here is a compile error.
  const intents: Record<plugin.SignInIntent, true> = {
    signIn: true,
    signUp: true,
    selectOrganization: true,
    useAnotherAccount: true,
  };
  for (const intent of Object.keys(intents)) await plugin.signIn(intent as plugin.SignInIntent);
  for (const hint of ["loginHint", "provider", "organizationId", "domain"] as const)
    await plugin.signIn({ intent: "signIn", [hint]: "a.b" });
  const pages: Record<plugin.HostedPage, true> = {
    account: true,
    passkeys: true,
    security: true,
    organization: true,
  };
  for (const page of Object.keys(pages)) await plugin.openHostedPage(page as plugin.HostedPage);
  const scopes: Record<plugin.SignOutScope, true> = { sharedSession: true, thisComputer: true };
  for (const scope of Object.keys(scopes)) await plugin.signOut(scope as plugin.SignOutScope);
  await plugin.acceptInvitation(1);
  await plugin.declineInvitation(1);
  const { cancelSignIn, openBrowserAgain, useLoopback, pasteLink, copyLink, refresh, retry } =
    plugin;
  const commands = [
    cancelSignIn,
    openBrowserAgain,
    useLoopback,
    pasteLink,
    copyLink,
    refresh,
    retry,
  ];
  for (const command of [
    ...commands,
    plugin.continueWithoutKeychain,
    plugin.checkLinks,
    plugin.dismiss,
  ])
    await command();
  await plugin.selfCheck();
  await readSettings();
  await checkEnvironment("https://acme.scalekit.com");
  await saveSettings("https://acme.scalekit.com", "ntvc_1");
  await fetchReports();
  await readPreferences();
  for (const one of [null, ...languages]) await savePreferences(one as Language | null, "system");
  const themes: Record<Theme, true> = { system: true, light: true, dark: true };
  for (const one of Object.keys(themes)) await savePreferences(null, one as Theme);
  for (const one of [0.5, 1, 1.1, 3]) await setZoom(one);
  await readPresence();
  await savePresence(true, false);
  await new Announcer().announce("Copied");
  expect([...new Set(sent)].sort()).toEqual(permitted());
});

test("a channel message that is too long is fetched", async () => {
  await invoke("plugin:__TAURI_CHANNEL__|fetch", null as never, {
    headers: { "Tauri-Channel-Id": "12" },
  });
  expect(sent).toHaveLength(1);
});

test.each([
  "plugin:event|emit",
  "plugin:event|listen",
  "plugin:deep-link|get_current",
  "plugin:window|close",
  "plugin:webview|create_webview_window",
  "plugin:scalekit|tokens",
  "plugin:scalekit|sign_in ",
  "__proto__",
  "constructor",
  "",
  null,
  7,
  ["settings"],
])("the command %j is dropped", (cmd) => isDropped(message(cmd)));

const pollution = JSON.parse('{"__proto__": {"a": 1}}') as unknown;

test.each<[string, unknown]>([
  ["settings", null],
  ["plugin:scalekit|self_check", { environmentUrl: "https://acme.scalekit.com" }],
  ["settings", { extra: 1 }],
  ["settings", pollution],
  ["settings", []],
  ["settings", new Uint8Array(3)],
  ["settings", new Map()],
  ["settings", "text"],
  ["plugin:scalekit|sign_in", {}],
  ["plugin:scalekit|sign_in", { intent: "admin" }],
  ["plugin:scalekit|sign_in", { intent: ["signIn"] }],
  ["plugin:scalekit|sign_in", { intent: "signIn", redirect: "https://evil.example" }],
  ["plugin:scalekit|sign_in", Object.create({ intent: "signIn" })],
  ["plugin:scalekit|sign_in", { loginHint: "ada@acme.example" }],
  ["plugin:scalekit|sign_in", { intent: "signIn", loginHint: null }],
  ["plugin:scalekit|sign_in", { intent: "signIn", domain: "a".repeat(257) }],
  ["plugin:scalekit|sign_in", { intent: "signIn", provider: ["google"] }],
  ["plugin:scalekit|sign_out", {}],
  ["plugin:scalekit|sign_out", { scope: "everywhere" }],
  ["plugin:scalekit|open_hosted_page", { page: "/ui/" }],
  ["plugin:scalekit|open_hosted_page", {}],
  ["plugin:scalekit|watch", { channel: "__CHANNEL__:-1" }],
  ["plugin:scalekit|watch", { channel: "__CHANNEL__:1);alert(1" }],
  ["plugin:scalekit|watch", { channel: 7 }],
  ["check_environment", { environmentUrl: "a".repeat(4097) }],
  ["check_environment", { environmentUrl: NaN }],
  ["save_settings", { environmentUrl: "https://acme.scalekit.com" }],
  ["save_settings", { environmentUrl: "https://acme.scalekit.com", clientId: { a: 1 } }],
  ["reports", { url: "https://evil.example" }],
  ["preferences", { extra: 1 }],
  ["save_preferences", { theme: "dark" }],
  ["save_preferences", { language: "en" }],
  ["save_preferences", { language: "english", theme: "dark" }],
  ["save_preferences", { language: ["en"], theme: "dark" }],
  ["save_preferences", { language: "en", theme: null }],
  ["save_preferences", { language: "en", theme: "dark", zoom: 1 }],
  ["set_zoom", { zoom: "1" }],
  ["set_zoom", { zoom: NaN }],
  ["set_zoom", { zoom: null }],
  ["set_zoom", { zoom: 0 }],
  ["set_zoom", { zoom: 1e308 }],
])("%s with another argument than its own is dropped: %j", (cmd, payload) =>
  isDropped(message(cmd, payload)),
);

test("callbacks are numbers, and options are for fetching alone", () => {
  for (const number of [-1, 1.5, NaN, 2 ** 32, "1", {}, null, undefined]) {
    isDropped({ ...message("settings"), callback: number });
    isDropped({ ...message("settings"), error: number });
  }
  isDropped(message("settings", {}, { headers: {} }));
  isDropped(message("plugin:__TAURI_CHANNEL__|fetch", null));
  isDropped(
    message("plugin:__TAURI_CHANNEL__|fetch", {}, { headers: { "Tauri-Channel-Id": "1" } }),
  );
  for (const headers of [
    { "Tauri-Channel-Id": "x" },
    { "Tauri-Channel-Id": "1", Cookie: "a" },
    {},
  ]) {
    isDropped(message("plugin:__TAURI_CHANNEL__|fetch", null, { headers }));
  }
});

test("a hundred million characters are not passed on", () => {
  isDropped(message("check_environment", { environmentUrl: "a".repeat(100_000_000) }));
});
