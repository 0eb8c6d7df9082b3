// Filters the calls from the page to the core (Tauri's isolation pattern). This script runs in a
// sandboxed frame, to which the page has no access. It rejects every message outside of its list,
// so a compromised page can send only what the page of this application sends.
//
// The core validates every message again: it does not trust this script.
(() => {
  "use strict";

  /** The longest text that is passed on, in UTF-16 units. */
  const MAX_TEXT_LEN = 4096;

  /** The longest text parameter of a sign-in, in UTF-16 units. */
  const MAX_HINT_LEN = 256;

  const isText = (value) => typeof value === "string" && value.length <= MAX_TEXT_LEN;
  const isChannel = (value) => typeof value === "string" && /^__CHANNEL__:\d{1,10}$/.test(value);
  const isIntent = (value) =>
    ["signIn", "signUp", "selectOrganization", "useAnotherAccount"].includes(value);
  const isHint = (value) => value === undefined || (isText(value) && value.length <= MAX_HINT_LEN);
  const isPage = (value) => ["account", "passkeys", "security", "organization"].includes(value);
  const isScope = (value) => ["sharedSession", "thisComputer"].includes(value);
  const isNumber = (value) => Number.isInteger(value) && value >= 0 && value < 2 ** 32;
  const isLanguage = (value) => value === null || (isText(value) && /^[a-z]{2,3}$/.test(value));
  const isTheme = (value) => ["system", "light", "dark"].includes(value);
  const isBoolean = (value) => typeof value === "boolean";
  const isZoom = (value) => Number.isFinite(value) && value > 0 && value <= 10;
  const isPlain = (value) =>
    typeof value === "object" &&
    value !== null &&
    Object.getPrototypeOf(value) === Object.prototype;

  /** Every command there is, with its arguments. */
  const COMMANDS = new Map(
    Object.entries({
      "plugin:scalekit|watch": { channel: isChannel },
      "plugin:scalekit|sign_in": {
        intent: isIntent,
        loginHint: isHint,
        provider: isHint,
        organizationId: isHint,
        domain: isHint,
      },
      "plugin:scalekit|accept_invitation": { question: isNumber },
      "plugin:scalekit|decline_invitation": { question: isNumber },
      "plugin:scalekit|cancel_sign_in": {},
      "plugin:scalekit|open_browser_again": {},
      "plugin:scalekit|use_loopback": {},
      "plugin:scalekit|paste_link": {},
      "plugin:scalekit|copy_link": {},
      "plugin:scalekit|open_hosted_page": { page: isPage },
      "plugin:scalekit|refresh": {},
      "plugin:scalekit|sign_out": { scope: isScope },
      "plugin:scalekit|retry": {},
      "plugin:scalekit|continue_without_keychain": {},
      "plugin:scalekit|check_links": {},
      "plugin:scalekit|self_check": {},
      "plugin:scalekit|dismiss": {},
      settings: {},
      check_environment: { environmentUrl: isText },
      save_settings: { environmentUrl: isText, clientId: isText },
      reports: {},
      preferences: {},
      save_preferences: { language: isLanguage, theme: isTheme },
      set_zoom: { zoom: isZoom },
      presence: {},
      save_presence: { closeToTray: isBoolean, startAtLogin: isBoolean },
      announce: { text: isText },
    }),
  );

  /** The call by which Tauri's script fetches a channel message that is too long, such as a picture. */
  const FETCH = "plugin:__TAURI_CHANNEL__|fetch";

  /** A copy with the expected fields only, or `null`. A field may be absent if `undefined` is valid for it. */
  function checked(value, expected) {
    if (!isPlain(value)) return null;
    const [present, fields] = [Reflect.ownKeys(value), Object.keys(expected)];
    if (present.some((field) => !fields.includes(field))) return null;
    const copy = {};
    for (const field of fields) {
      const given = present.includes(field) ? value[field] : undefined;
      if (!expected[field](given)) return null;
      if (given !== undefined) copy[field] = given;
    }
    return copy;
  }

  /** The validated payload and options of this message, or `null`. */
  function content({ cmd, payload, options }) {
    if (cmd === FETCH) {
      const isId = (value) => typeof value === "string" && /^\d{1,10}$/.test(value);
      const isHeaders = (value) => checked(value, { "Tauri-Channel-Id": isId }) !== null;
      const passed = checked(options, { headers: isHeaders });
      return payload === null && passed !== null ? { payload: null, options: passed } : null;
    }
    const expected = typeof cmd === "string" ? COMMANDS.get(cmd) : undefined;
    const passed = expected && options === undefined ? checked(payload, expected) : null;
    return passed && { payload: passed, options: undefined };
  }

  /** Returns the validated copy of a message. A thrown error rejects the message. */
  window.__TAURI_ISOLATION_HOOK__ = (message) => {
    const { cmd, callback, error } = message;
    const passed = isNumber(callback) && isNumber(error) ? content(message) : null;
    if (passed === null) throw new Error("A call that this application does not make was dropped.");
    return { cmd, callback, error, ...passed };
  };
})();
