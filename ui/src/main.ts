import { mount } from "svelte";

import App from "./App.svelte";
import { localeFor } from "./lib/locale";
import "./app.css";

const target = document.getElementById("app");
if (!target) throw new Error("index.html has no element #app");

mount(App, { target, props: { locale: localeFor(navigator.language) } });
