/** The scenes and languages of the preview page, for the gallery. */
import { languages } from "../src/lib/locale.svelte";
import "./fonts.css";
import { scenes } from "./scenes";
import { stages } from "./stages";

export type PreviewList = {
  /** The query that shows each scene. */
  scenes: Record<string, string>;
  /** BCP 47 tags. */
  languages: string[];
};

const names = [...Object.keys(scenes(0)), ...Object.keys(stages(0))];

export const list: PreviewList = {
  scenes: {
    ...Object.fromEntries(names.map((name) => [name, `scene=${name}`])),
    // The subscription to the session's views fails.
    notWatching: "scene=none",
  },
  languages: [...languages],
};

Object.assign(window, { previewList: list });
