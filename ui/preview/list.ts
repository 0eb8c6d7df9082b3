/** What the preview page can show, for what visits all of it. */
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
    // A session that cannot be watched.
    notWatching: "scene=none",
  },
  languages: [...languages],
};

Object.assign(window, { previewList: list });
