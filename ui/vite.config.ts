import { fileURLToPath } from "node:url";

import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";

import configuration from "../tauri.conf.json" with { type: "json" };

const guestBindings = fileURLToPath(
  new URL("../crates/tauri-plugin-scalekit/guest-js", import.meta.url),
);

export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  resolve: {
    alias: {
      "tauri-plugin-scalekit-api/problems.en.json": `${guestBindings}/problems.en.json`,
      "tauri-plugin-scalekit-api/self-check.en.json": `${guestBindings}/self-check.en.json`,
      "tauri-plugin-scalekit-api": `${guestBindings}/index.ts`,
    },
    // The guest bindings lie outside this folder and have no node_modules of their own.
    dedupe: ["@tauri-apps/api"],
  },
  // The window names the application as its configuration does.
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
    target: "es2021",
    cssTarget: "safari15",
    // The content security policy allows neither inline scripts nor inline styles.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  test: {
    environment: "jsdom",
    include: ["tests/**/*.test.ts"],
    setupFiles: ["tests/setup.ts"],
    restoreMocks: true,
    testTimeout: 30_000,
  },
});
