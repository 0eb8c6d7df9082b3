/** Until the generated one is here. */
export type Theme = "system" | "light" | "dark";
export type Preferences = { language: string | null; theme: Theme; zoom: number };
