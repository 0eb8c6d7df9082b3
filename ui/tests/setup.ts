import { clearMocks } from "@tauri-apps/api/mocks";
import { configure } from "@testing-library/svelte";
import { afterEach } from "vitest";

// How long to wait for what should come at once, on a machine that is busy with something else.
configure({ asyncUtilTimeout: 10_000 });

afterEach(() => clearMocks());
