/** What the preview page can show, for what visits all of it. */
import "./fonts.css";
import { scenes } from "./scenes";

/** One file for each language. */
const languages = import.meta.glob(["../src/{languages,messages}/*.ts", "!**/messages.ts"]);

/** Views that are no scene of the session: the query of each. */
const others: Record<string, string> = {
  notWatching: "scene=none",
  settingsNone: "scene=notConfigured&settings=none",
  settingsLocked: "scene=notConfigured&settings=locked",
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
  languages: Object.keys(languages)
    .map((path) => path.replace(/^.*\/|\.ts$/g, ""))
    .sort(),
};

Object.assign(window, { previewList: list });
