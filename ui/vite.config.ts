import { fileURLToPath } from "node:url";

import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

import configuration from "../tauri.conf.json" with { type: "json" };

const guestBindings = fileURLToPath(
  new URL("../crates/tauri-plugin-scalekit/guest-js", import.meta.url),
);

/** The only part of ES2022 that WKWebView of macOS 12 (Safari 15) lacks. */
const noStaticBlocks: Plugin = {
  name: "no-static-blocks",
  generateBundle(_, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type === "chunk" && /\bstatic\s*\{/.test(file.code)) {
        this.error(`${file.fileName} has a static block, which macOS 12 does not know.`);
      }
    }
  },
};

/** Components and modules of the views on demand only. */
const ON_DEMAND =
  /\/(SelfCheck|Settings|SetUp|SettingsForm|Presence|Appearance|Addresses)\.svelte|\/lib\/self-check\.ts/;

function isOfEachWindow(id: string): boolean {
  return !ON_DEMAND.test(id) && !/\/languages\/|\.json$/.test(id);
}

export default defineConfig({
  plugins: [svelte(), svelteTesting(), noStaticBlocks],
  resolve: {
    alias: {
      "tauri-plugin-scalekit-api/loopback-page.en.json": `${guestBindings}/loopback-page.en.json`,
      "tauri-plugin-scalekit-api/problems.en.json": `${guestBindings}/problems.en.json`,
      "tauri-plugin-scalekit-api/self-check.en.json": `${guestBindings}/self-check.en.json`,
      "tauri-plugin-scalekit-api": `${guestBindings}/index.ts`,
    },
    // The guest bindings are outside of this folder, without a `node_modules`.
    dedupe: ["@tauri-apps/api"],
  },
  // The name of the application is that of its configuration.
  define: { __APP_NAME__: JSON.stringify(configuration.productName) },
  clearScreen: false,
  server: {
    host: "127.0.0.1",
    port: 1420,
    strictPort: true,
    fs: { allow: [".", guestBindings] },
  },
  build: {
    // WebKitGTK 2.40 and later, WKWebView of macOS 12, WebView2.
    target: "es2022",
    cssTarget: "safari15",
    // The content security policy allows neither inline scripts nor inline styles.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // The scripts of views on demand must not insert style sheets.
    cssCodeSplit: false,
    rolldownOptions: {
      // One script for everything but the views on demand and the languages: each further file is compressed by itself.
      output: { advancedChunks: { groups: [{ name: "index", test: isOfEachWindow }] } },
      // Unused classes of svelte/reactivity extend Set or URL, which Rolldown treats as a side effect.
      treeshake: { moduleSideEffects: [{ test: /svelte\/src\/reactivity\//, sideEffects: false }] },
    },
  },
  test: {
    environment: "jsdom",
    include: ["tests/**/*.test.ts"],
    setupFiles: ["tests/setup.ts"],
    restoreMocks: true,
    testTimeout: 30_000,
  },
});
