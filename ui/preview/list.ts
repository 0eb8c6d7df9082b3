/** What the preview page can show, for what visits all of it. */
import { languages } from "../src/lib/locale.svelte";
import "./fonts.css";
import { scenes } from "./scenes";

/** Views that are no scene of the session: the query of each. */
const others: Record<string, string> = {
  notWatching: "scene=none",
  settingsNone: "scene=notConfigured&settings=none",
  settingsLocked: "scene=notConfigured&settings=locked",
  selfCheck: "scene=signedOut&open=selfCheck",
};

export type PreviewList = {
  /** The query that shows each scene. */
  scenes: Record<string, string>;
  /** BCP 47 tags. */
  languages: string[];
};

const ofSession = Object.keys(scenes(0)).map((name) => [name, `scene=${name}`]);

export const list: PreviewList = {
  scenes: { ...Object.fromEntries(ofSession), ...others },
  languages: [...languages],
};

Object.assign(window, { previewList: list });
