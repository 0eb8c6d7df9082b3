/** `cargo xtask gallery` starts this: the gallery is in TypeScript, which Vite translates for Node. */
import { fileURLToPath } from "node:url";

import { runnerImport } from "vite";

const file = fileURLToPath(new URL("gallery.ts", import.meta.url));
const { module } = await runnerImport(file, { configFile: false, logLevel: "warn" });
process.exitCode = await module.main(process.argv.slice(2));
