import { waitFor } from "@testing-library/svelte";
import type { SessionView } from "tauri-plugin-scalekit-api";
import { describe, expect, test } from "vitest";

import {
  lockedSettings,
  noSettings,
  offline,
  policySettings,
  settings,
  unusablePolicySettings,
} from "../preview/scenes";
import { stages } from "../preview/stages";
import {
  announced,
  button,
  description,
  expectAccessible,
  field,
  findNotice,
  heading,
  noButton,
  notice,
  notices,
  open,
  opening,
  scene,
  screen,
  sentence,
  within,
} from "./window";

const badUrl = {
  code: "environmentUrlInvalid",
  message: "",
  parameters: offline.parameters,
  detail: null,
};

const found = () => ({ issuer: "https://acme.scalekit.com" });
const saves = ({ calls }: { calls: { command: string }[] }) =>
  calls.filter((call) => call.command === "save_settings").length;

async function notConfigured(results: Record<string, (payload: unknown) => unknown> = {}) {
  const window = await open(
    { status: "notConfigured" },
    { results: { settings: () => noSettings, ...results } },
  );
  await screen.findByRole("textbox", { name: "Environment URL" });
  return window;
}

test("client ID of the scenes is that of a native application", () => {
  expect(settings.clientId).toMatch(/^ntvc_\d+$/);
});

test.each(Object.entries(stages(Date.now())))("the stage %s is accessible", async (name, stage) => {
  const { core } = await open(stage.view, { results: stage.results });
  await stage.acts(core);
  if (name.startsWith("settings")) await screen.findByRole("combobox", { name: "Language" });
  await expectAccessible();
});

describe("without a configuration", () => {
  test("a user enters two values and saves them with the Enter key", async () => {
    const { core, user } = await notConfigured({
      check_environment: found,
      save_settings: () => settings,
    });
    await user.type(field("Environment URL"), "https://acme.scalekit.com");
    await user.tab();
    await user.keyboard("ntvc_1{Enter}");
    await waitFor(() => expect(core.calls).toHaveLength(2));
    expect(core.calls[0]).toEqual({
      command: "check_environment",
      payload: { environmentUrl: "https://acme.scalekit.com" },
    });
    expect(core.calls.at(-1)).toEqual({
      command: "save_settings",
      payload: { environmentUrl: "https://acme.scalekit.com", clientId: "ntvc_1" },
    });
    await waitFor(() => expect(announced()).toBe("Settings saved."));
  });

  test("the addresses to register are there, whole", async () => {
    await notConfigured();
    screen.getByText("io.latchkey.desktop://callback");
    screen.getByText("io.latchkey.desktop://signed-out");
    screen.getByText("io.latchkey.desktop://login");
    await expectAccessible();
  });

  test("an address is saved as the core has read it", async () => {
    const { core, user } = await notConfigured({
      check_environment: found,
      save_settings: () => settings,
    });
    await user.type(field("Environment URL"), " acme.scalekit.com/ui/login ");
    await user.type(field("Client ID"), " ntvc_1 ");
    await user.click(button("Save"));
    await waitFor(() => expect(saves(core)).toBe(1));
    expect(core.calls.map((call) => call.payload)).toEqual([
      { environmentUrl: "acme.scalekit.com/ui/login" },
      { environmentUrl: "https://acme.scalekit.com", clientId: "ntvc_1" },
    ]);
  });

  test("the addresses are copied one by one", async () => {
    const { user } = await notConfigured();
    await user.click(button("Copy: Post logout URL"));
    expect(await navigator.clipboard.readText()).toBe("io.latchkey.desktop://signed-out");
    await waitFor(() => expect(announced()).toBe("Copied"));
  });

  test("an unreachable address is not saved before the user confirms it", async () => {
    const { core, user } = await notConfigured({
      check_environment: () => Promise.reject(offline),
      save_settings: () => settings,
    });
    await user.type(field("Environment URL"), "https://acme.scalekit.com");
    await user.type(field("Client ID"), "ntvc_1");
    await user.click(button("Save"));
    await screen.findByRole("button", { name: "Save anyway" });
    expect(saves(core)).toBe(0);
    await user.click(button("Save anyway"));
    await waitFor(() => expect(saves(core)).toBe(1));
  });

  test("an address of something else cannot be saved", async () => {
    const { core, user } = await notConfigured({
      check_environment: () => Promise.reject({ ...offline, code: "environmentInvalid" }),
    });
    await user.type(field("Environment URL"), "https://example.com");
    await user.type(field("Client ID"), "ntvc_1");
    await user.click(button("Save"));
    await waitFor(() => expect(field("Environment URL").getAttribute("aria-invalid")).toBe("true"));
    noButton("Save anyway");
    expect(saves(core)).toBe(0);
  });

  test("an environment that calls itself by another address is adopted by one click", async () => {
    const own = "https://login.acme.example";
    const renamed = {
      code: "environmentRenamed",
      message: "",
      parameters: { environment: "https://acme.scalekit.com", address: own },
      detail: null,
    };
    const { core, user } = await notConfigured({
      check_environment: (payload) =>
        (payload as { environmentUrl: string }).environmentUrl === own
          ? { issuer: own }
          : Promise.reject(renamed),
      save_settings: () => settings,
    });
    await user.type(field("Environment URL"), "https://acme.scalekit.com");
    await user.type(field("Client ID"), "ntvc_1");
    await user.click(button("Save"));
    const adopt = await screen.findByRole("button", { name: "Use this address" });
    const before = screen.getByText(/you sign in once more.*is there again/);
    expect(before.compareDocumentPosition(adopt)).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
    await expectAccessible();
    await user.click(adopt);
    const save = { command: "save_settings", payload: { environmentUrl: own, clientId: "ntvc_1" } };
    await waitFor(() => expect(core.calls).toContainEqual(save));
    expect(core.calls.filter((call) => call.command === "check_environment")).toHaveLength(2);
  });

  test("an environment that calls itself by another address is not adopted where settings are locked", async () => {
    const renamed = {
      code: "environmentRenamed",
      message: "",
      parameters: {
        environment: "https://acme.scalekit.com",
        address: "https://login.acme.example",
      },
      detail: null,
    } as const;
    const view = { ...scene("signInFailed"), problem: renamed } as SessionView;
    const { user } = await open(view, { results: { settings: () => lockedSettings } });
    await user.click(button("Settings"));
    await screen.findAllByRole("textbox");
    await waitFor(() => expect(field("Environment URL").getAttribute("aria-invalid")).toBe("true"));
    noButton("Use this address");
    const forAdministrator = screen.getByText(/set .SCALEKIT_ENVIRONMENT_URL. to exactly/);
    expect(forAdministrator.querySelector("bdi")?.textContent).toBe("https://login.acme.example");
    expect(forAdministrator.textContent).toContain("signs in once more");
    await expectAccessible();
  });

  test("environment that redirects is reported at its field with the origin and offers no click", async () => {
    const redirects = {
      code: "environmentRedirects",
      message: "",
      parameters: {
        environment: "https://acme.scalekit.com",
        address: "https://login.acme.example",
      },
      detail: "https://login.acme.example",
    };
    const { core, user } = await notConfigured({
      check_environment: () => Promise.reject(redirects),
    });
    await user.type(field("Environment URL"), "https://acme.scalekit.com");
    await user.type(field("Client ID"), "ntvc_1");
    await user.click(button("Save"));
    await waitFor(() => expect(field("Environment URL").getAttribute("aria-invalid")).toBe("true"));
    expect(description(field("Environment URL"))).toContain(
      "leads on to \u2068https://login.acme.example\u2069.",
    );
    noButton("Use this address");
    expect(core.calls.filter((call) => call.command === "check_environment")).toHaveLength(1);
  });

  test.each([
    ["environmentUrlMissing", "Environment URL"],
    ["environmentUrlMalformed", "Environment URL"],
    ["environmentUrlInvalid", "Environment URL"],
    ["environmentUrlNotHttps", "Environment URL"],
    ["environmentUrlHasUserName", "Environment URL"],
    ["environmentInvalid", "Environment URL"],
    ["environmentNotFound", "Environment URL"],
    ["clientIdInvalid", "Client ID"],
  ] as const)("%s stands at its field, which gets the focus", async (code, name) => {
    const { user } = await notConfigured({
      check_environment: found,
      save_settings: () => Promise.reject({ ...badUrl, code }),
    });
    await user.type(field("Environment URL"), "acme");
    await user.type(field("Client ID"), "x");
    await user.click(button("Save"));
    await waitFor(() => expect(document.activeElement).toBe(field(name)));
    expect(field(name).getAttribute("aria-invalid")).toBe("true");
    expect(description(field(name))).toContain(sentence(code));
    await expectAccessible();

    await user.keyboard("y");
    expect(field(name).getAttribute("aria-invalid")).toBeNull();
    expect(description(field(name))).not.toContain(sentence(code));
  });

  test("problem at a field has the details that a notice has, closed and to be copied", async () => {
    const notFound = { ...offline, code: "environmentNotFound", detail: "Status 404" };
    const { user } = await notConfigured({ check_environment: () => Promise.reject(notFound) });
    await user.type(field("Environment URL"), "https://acme.scalekit.com");
    await user.type(field("Client ID"), "ntvc_1");
    await user.click(button("Save"));
    await waitFor(() => expect(field("Environment URL").getAttribute("aria-invalid")).toBe("true"));
    const details = screen.getByText("Details", { selector: "summary" })
      .parentElement as HTMLDetailsElement;
    expect(details.open).toBe(false);
    for (const fact of [/Code\s*environmentNotFound/, /Cause\s*Status 404/, /Time/, /Version/])
      expect(details.textContent).toMatch(fact);
    expect(description(field("Environment URL"))).not.toContain("Status 404");
    await user.click(screen.getByText("Details", { selector: "summary" }));
    await user.click(button("Copy details"));
    const copied = await navigator.clipboard.readText();
    expect(copied).toMatch(
      /^Latchkey 0\.1\.0\n.*Z\nCode: environmentNotFound\nDetail: Status 404\n/,
    );
    await expectAccessible();
  });

  test("field that is left empty has no details", async () => {
    const { user } = await notConfigured();
    await user.click(button("Save"));
    expect(field("Environment URL").getAttribute("aria-invalid")).toBe("true");
    expect(screen.queryByText("Details", { selector: "summary" })).toBeNull();
  });

  test("what belongs to no field interrupts, and can be dismissed", async () => {
    const { user } = await notConfigured({ check_environment: () => Promise.reject(offline) });
    await user.type(field("Environment URL"), "https://acme.scalekit.com");
    await user.type(field("Client ID"), "ntvc_1");
    await user.click(button("Save"));
    expect((await findNotice()).textContent).toContain(sentence("offline"));
    await user.click(button("Dismiss"));
    expect(notices()).toEqual([]);
  });

  test("policy that cannot be used stays reported until it is corrected", async () => {
    const results = { settings: () => unusablePolicySettings };
    await open(scene("notConfigured"), { results });
    expect(within(await findNotice()).queryByRole("button", { name: "Dismiss" })).toBeNull();
  });

  test("an empty field is not sent to the core", async () => {
    const { core, user } = await notConfigured();
    const before = core.calls.length;
    await user.click(button("Save"));
    expect(document.activeElement).toBe(field("Environment URL"));
    await user.type(field("Environment URL"), "https://acme.scalekit.com");
    await user.click(button("Save"));
    expect(document.activeElement).toBe(field("Client ID"));
    expect(description(field("Client ID"))).toContain("Enter the client ID");
    expect(core.calls).toHaveLength(before);
  });
});

describe("from the header", () => {
  test("settings open with what is set, and Escape closes them", async () => {
    const { user } = await open(scene("signedIn"));
    await user.click(button("Settings"));
    expect(
      (await screen.findByRole<HTMLInputElement>("textbox", { name: "Client ID" })).value,
    ).toBe(settings.clientId);
    expect(document.activeElement).toBe(opening());
    screen.getByText(/Entered in this window · Version .0\.1\.0/);
    await expectAccessible();

    await user.keyboard("{Escape}");
    expect(heading().textContent).toBe("Ada Lovelace");
    await waitFor(() => expect(document.activeElement).toBe(button("Settings")));
  });

  test("Escape prompts before it discards what was entered", async () => {
    const { user } = await open(scene("signedOut"));
    await user.click(button("Settings"));
    await screen.findAllByRole("textbox");
    await user.type(field("Client ID"), "9");
    await user.keyboard("{Escape}");
    screen.getByRole("alertdialog", { name: "Discard what you entered?" });
    await expectAccessible();
    await user.click(button("Keep editing"));
    expect(field("Client ID").value).toBe(`${settings.clientId ?? ""}9`);
    await user.click(button("Close"));
    await user.click(button("Discard"));
    button("Sign in");
  });

  test("another address prompts the signed-in user, signs out and saves then", async () => {
    const { core, user } = await open(scene("signedIn"), {
      results: {
        check_environment: () => ({ issuer: "https://other.scalekit.com" }),
        save_settings: () => settings,
      },
    });
    await user.click(button("Settings"));
    await screen.findAllByRole("textbox");
    await user.clear(field("Environment URL"));
    await user.type(field("Environment URL"), "https://other.scalekit.com");
    await user.click(button("Save"));
    const question = await screen.findByRole("alertdialog", { name: "Sign out and save?" });
    expect(question.textContent).toContain("Saving signs Ada Lovelace out of acme.scalekit.com.");
    await user.click(button("Cancel"));
    expect(core.calls.map((call) => call.command)).toEqual(["check_environment"]);

    await user.click(button("Save"));
    await user.click(await screen.findByRole("button", { name: "Sign out and save" }));
    await waitFor(() => expect(core.calls.at(-1)?.command).toBe("sign_out"));
    core.show({ status: "signingOut" });
    await screen.findByRole("textbox", { name: "Client ID" });
    expect(saves(core)).toBe(0);
    core.show(scene("signedOutAgain"));
    await waitFor(() => expect(saves(core)).toBe(1));
    await screen.findByText("You are signed out");
  });

  test("environment's own address is adopted, once it was checked, without a sign-out", async () => {
    const own = "https://login.acme.example";
    const parameters = { environment: "https://acme.scalekit.com", address: own };
    const renamed = { code: "environmentRenamed", message: "", parameters, detail: null } as const;
    const { core, user } = await open({ ...scene("signedIn"), problem: renamed } as SessionView, {
      results: { check_environment: () => Promise.reject(offline), save_settings: () => settings },
    });
    await user.click(button("Settings"));
    await user.click(await screen.findByRole("button", { name: "Use this address" }));
    await waitFor(() => expect(core.calls.at(-1)?.command).toBe("check_environment"));
    await screen.findByRole("alert");
    expect(screen.queryByRole("button", { name: "Save anyway" })).toBeNull();
    expect(saves(core)).toBe(0);

    core.setResult("check_environment", () => ({ issuer: own }));
    await user.click(button("Save"));
    await waitFor(() => expect(saves(core)).toBe(1));
    expect(screen.queryByRole("alertdialog")).toBeNull();
    expect(core.calls.map((call) => call.command)).not.toContain("sign_out");
    expect(core.calls.at(-1)?.payload).toEqual({
      environmentUrl: own,
      clientId: settings.clientId,
    });
  });

  test("address that is entered after one was adopted prompts the signed-in user", async () => {
    const own = "https://login.acme.example";
    const parameters = { environment: "https://acme.scalekit.com", address: own };
    const renamed = { code: "environmentRenamed", message: "", parameters, detail: null } as const;
    const { core, user } = await open({ ...scene("signedIn"), problem: renamed } as SessionView, {
      results: { check_environment: () => Promise.reject(offline) },
    });
    await user.click(button("Settings"));
    await user.click(await screen.findByRole("button", { name: "Use this address" }));
    await screen.findByRole("alert");
    await user.clear(field("Environment URL"));
    await user.type(field("Environment URL"), "https://other.scalekit.com");
    core.setResult("check_environment", () => ({ issuer: "https://other.scalekit.com" }));
    await user.click(button("Save"));
    await screen.findByRole("alertdialog", { name: "Sign out and save?" });
    expect(saves(core)).toBe(0);
  });

  test("the same address and client ID need no confirmation", async () => {
    const { core, user } = await open(scene("signedIn"), {
      results: { check_environment: found, save_settings: () => settings },
    });
    await user.click(button("Settings"));
    await user.click(await screen.findByRole("button", { name: "Save" }));
    await waitFor(() => expect(saves(core)).toBe(1));
    expect(screen.queryByRole("alertdialog")).toBeNull();
  });

  test("another address is not saved when the sign-out is rejected", async () => {
    const { core, user } = await open(scene("signedIn"), {
      results: { check_environment: found, sign_out: () => Promise.reject(offline) },
    });
    await user.click(button("Settings"));
    await screen.findAllByRole("textbox");
    await user.type(field("Client ID"), "9");
    await user.click(button("Save"));
    await user.click(await screen.findByRole("button", { name: "Sign out and save" }));
    await waitFor(() => expect(button("Save").getAttribute("aria-busy")).toBeNull());
    expect(saves(core)).toBe(0);
  });

  test("a language and a theme are applied and stored", async () => {
    const { core, user } = await open(scene("signedOut"));
    await user.click(button("Settings"));
    await user.selectOptions(await screen.findByRole("combobox", { name: "Appearance" }), "Dark");
    await user.selectOptions(screen.getByRole("combobox", { name: "Language" }), "العربية");
    await waitFor(() => expect(document.documentElement.dir).toBe("rtl"));
    expect(core.calls).toEqual([
      { command: "save_preferences", payload: { language: null, theme: "dark" } },
      { command: "save_preferences", payload: { language: "ar", theme: "dark" } },
    ]);
    await expectAccessible();
  });

  test.each([
    ["+", 1.1],
    ["=", 1.1],
    ["-", 1 / 1.1],
    ["0", 1],
  ])("Ctrl and %s set the zoom that the core keeps", async (key, zoom) => {
    const { core, user } = await open(scene("signedOut"), { results: { set_zoom: () => zoom } });
    await user.keyboard(`{Control>}${key}{/Control}`);
    await user.keyboard(key);
    expect(core.calls).toEqual([{ command: "set_zoom", payload: { zoom } }]);
  });

  test("Close closes them, and saving does", async () => {
    const { user } = await open(scene("signedOut"), {
      results: { check_environment: found, save_settings: () => settings },
    });
    await user.click(button("Settings"));
    await user.click(button("Close"));
    button("Sign in");

    await user.click(button("Settings"));
    await user.click(await screen.findByRole("button", { name: "Save" }));
    await screen.findByRole("button", { name: "Sign in" });
    await waitFor(() => expect(announced()).toBe("Settings saved."));
  });

  test("the window shows the save, outside of the live region", async () => {
    const { core, user } = await open(scene("signedOut"), {
      results: { check_environment: found, save_settings: () => settings },
    });
    await user.click(button("Settings"));
    await user.click(await screen.findByRole("button", { name: "Save" }));
    await screen.findByRole("button", { name: "Sign in" });
    const line = await screen.findByText("Settings saved.", { selector: "aside *" });
    expect(line.closest("[aria-live], [role=status], [role=alert]")).toBeNull();
    expect(line.closest("aside")?.textContent).toMatch(
      /^\s*Found acme\.scalekit\.com\.\s+Settings/,
    );
    await expectAccessible();

    core.show(scene("preparing"));
    await screen.findByText("Preparing…");
    core.show(scene("signedOutAgain"));
    await screen.findByText("You are signed out");
    expect(screen.queryByText("Settings saved.", { selector: "aside *" })).toBeNull();
  });

  test("environment that was found is shown in the window until another address is entered", async () => {
    const { user } = await open(scene("signedIn"), { results: { check_environment: found } });
    await user.click(button("Settings"));
    await screen.findAllByRole("textbox");
    await user.type(field("Client ID"), "9");
    await user.click(button("Save"));
    await user.click(await screen.findByRole("button", { name: "Cancel" }));
    const shown = () => document.querySelector("aside")?.textContent.trim();
    expect(shown()).toBe("Found acme.scalekit.com.");
    await user.type(field("Environment URL"), "x");
    expect(shown()).toBeUndefined();
  });

  test("they give way to a sign-in, and do not come back after it", async () => {
    const { core, user } = await open(scene("signedOut"));
    await user.click(button("Settings"));
    core.show(scene("waitingForBrowser"));
    await screen.findByRole("button", { name: "Cancel" });
    core.show(scene("signedIn"));
    await screen.findByText("Ada Lovelace");
  });

  test("locked settings can be read and not changed", async () => {
    const { core, user } = await open(scene("signedIn"), {
      results: { settings: () => lockedSettings },
    });
    await user.click(button("Settings"));
    await screen.findByText("Set by your administrator.");
    screen.getByText(/SCALEKIT_ENVIRONMENT_URL/);
    screen.getByText(/Set by environment variables/);
    expect(field("Environment URL").readOnly).toBe(true);
    expect(field("Client ID").readOnly).toBe(true);
    noButton("Save");
    await user.type(field("Client ID"), "{Enter}");
    expect(core.calls).toEqual([]);
  });

  test("settings of a policy name its file", async () => {
    const { user } = await open(scene("signedIn"), {
      results: { settings: () => policySettings },
    });
    await user.click(button("Settings"));
    await screen.findByText("Set by your administrator.");
    screen.getByText(/policy.json/);
    screen.getByText(/Set by the policy of this computer/);
    expect(field("Environment URL").readOnly).toBe(true);
    noButton("Save");
  });

  test("a problem of the settings stands at its field from the start", async () => {
    const { user } = await open(scene("keychainUnavailable"), {
      results: { settings: () => ({ ...settings, problem: badUrl }) },
    });
    await user.click(button("Settings"));
    await screen.findByText(sentence("environmentUrlInvalid"));
    expect(field("Environment URL").getAttribute("aria-invalid")).toBe("true");
  });

  test("settings that cannot be read show why, and can be read again", async () => {
    const { core, user } = await open(scene("signedOut"), {
      results: { settings: () => Promise.reject({ ...offline, code: "settingsFileUnreadable" }) },
    });
    await user.click(button("Settings"));
    await screen.findByText("The settings file cannot be used");
    expect(notice().textContent).toContain("settingsFile");
    core.setResult("settings", () => settings);
    await user.click(button("Try again"));
    await screen.findByRole("textbox", { name: "Environment URL" });
  });
});
