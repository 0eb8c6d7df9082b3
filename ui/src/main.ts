import { mount } from "svelte";

import App from "./App.svelte";
import { Locale } from "./lib/locale.svelte";
import "./app.css";

const target = document.getElementById("app");
if (!target) throw new Error("index.html has no element #app");

void Locale.load(navigator.language).then((locale) => mount(App, { target, props: { locale } }));
