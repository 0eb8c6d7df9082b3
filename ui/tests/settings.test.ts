import { waitFor } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";

import { lockedSettings, noSettings, offline, settings } from "../preview/scenes";
import {
  alert,
  announced,
  button,
  description,
  expectAccessible,
  field,
  heading,
  noButton,
  open,
  pending,
  scene,
  sentence,
  screen,
} from "./window";

const badUrl = {
  code: "environmentUrlInvalid",
  message: "",
  parameters: offline.parameters,
  detail: null,
};

async function notConfigured(answers: Record<string, (payload: unknown) => unknown> = {}) {
  const window = await open(
    { status: "notConfigured" },
    { answers: { settings: () => noSettings, ...answers } },
  );
  await screen.findByRole("textbox", { name: "Environment URL" });
  return window;
}

describe("without a configuration", () => {
  test("a user enters two values and saves them with the Enter key", async () => {
    const { core, user } = await notConfigured({ save_settings: () => settings });
    await user.type(field("Environment URL"), "https://acme.scalekit.com");
    await user.tab();
    await user.keyboard("skc_1{Enter}");
    expect(core.calls.at(-1)).toEqual({
      command: "save_settings",
      payload: { environmentUrl: "https://acme.scalekit.com", clientId: "skc_1" },
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

  test("a check says which environment answers, in sight and aloud", async () => {
    const { core, user } = await notConfigured({
      check_environment: () => ({ issuer: "https://acme.scalekit.com" }),
    });
    await user.type(field("Environment URL"), "https://acme.scalekit.com/");
    await user.click(button("Check"));
    await waitFor(() =>
      expect(announced()).toBe("This environment answers: https://acme.scalekit.com"),
    );
    screen.getByText("https://acme.scalekit.com", { selector: "bdi" });
    expect(core.calls.at(-1)?.payload).toEqual({ environmentUrl: "https://acme.scalekit.com/" });

    await user.type(field("Environment URL"), "x");
    expect(screen.queryByText("https://acme.scalekit.com", { selector: "bdi" })).toBeNull();
  });

  test("an environment that calls itself by another address is adopted by one click", async () => {
    const own = "https://login.acme.example";
    const renamed = {
      code: "environmentRenamed",
      message: "",
      parameters: {},
      detail: own,
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
    await user.click(button("Check"));
    const adopt = await screen.findByRole("button", { name: "Use this address" });
    const before = screen.getByText(/you sign in once more.*stays kept/);
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
      parameters: {},
      detail: "https://login.acme.example",
    };
    const { user } = await open(scene("notConfigured"), {
      answers: {
        settings: () => lockedSettings,
        check_environment: () => Promise.reject(renamed),
      },
    });
    await user.click(await screen.findByRole("button", { name: "Check" }));
    await waitFor(() => expect(field("Environment URL").getAttribute("aria-invalid")).toBe("true"));
    noButton("Use this address");
    const forAdministrator = screen.getByText(/set SCALEKIT_ENVIRONMENT_URL to exactly/);
    expect(forAdministrator.querySelector("bdi")?.textContent).toBe("https://login.acme.example");
    expect(forAdministrator.textContent).toContain("signs in once more");
    await expectAccessible();
  });

  test("environment that redirects is told at its field with the origin and offers no click", async () => {
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
    await user.click(button("Check"));
    await waitFor(() => expect(field("Environment URL").getAttribute("aria-invalid")).toBe("true"));
    expect(description(field("Environment URL"))).toContain(
      "leads on to \u2068https://login.acme.example\u2069.",
    );
    noButton("Use this address");
    expect(core.calls.filter((call) => call.command === "check_environment")).toHaveLength(1);
  });

  test("an answer about an address that was changed since is not shown", async () => {
    const { promise, resolve } = pending();
    const { user } = await notConfigured({ check_environment: () => promise });
    await user.type(field("Environment URL"), "https://a.example");
    await user.click(button("Check"));
    await user.type(field("Environment URL"), "pp");
    resolve({ issuer: "https://a.example" });
    await waitFor(() => expect(button("Check").getAttribute("aria-busy")).toBeNull());
    expect(screen.queryByText(/This environment answers/)).toBeNull();
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

  test("what belongs to no field interrupts, and can be dismissed", async () => {
    const { user } = await notConfigured({ check_environment: () => Promise.reject(offline) });
    await user.type(field("Environment URL"), "https://acme.scalekit.com");
    await user.click(button("Check"));
    expect((await screen.findByRole("alert")).textContent).toContain(sentence("offline"));
    await user.click(button("Dismiss"));
    expect(screen.queryByRole("alert")).toBeNull();
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
    expect(document.activeElement).toBe(heading());
    screen.getByText(/Entered in this window · Version 0\.1\.0/);
    await expectAccessible();

    await user.keyboard("{Escape}");
    expect(heading().textContent).toBe("Ada Lovelace");
    await waitFor(() => expect(document.activeElement).toBe(heading()));
  });

  test("Close closes them, and saving does", async () => {
    const { user } = await open(scene("signedOut"), {
      answers: { save_settings: () => settings },
    });
    await user.click(button("Settings"));
    await user.click(button("Close"));
    button("Sign in");

    await user.click(button("Settings"));
    await user.click(await screen.findByRole("button", { name: "Save" }));
    await screen.findByRole("button", { name: "Sign in" });
    await waitFor(() => expect(announced()).toBe("Settings saved."));
  });

  test("they give way to a sign-in, and do not come back after it", async () => {
    const { core, user } = await open(scene("signedOut"));
    await user.click(button("Settings"));
    core.show(scene("waitingForBrowser"));
    await screen.findByRole("button", { name: "Cancel" });
    core.show(scene("signedIn"));
    await screen.findByText("Ada Lovelace");
  });

  test("locked settings can be read and checked, not changed", async () => {
    const { core, user } = await open(scene("signedIn"), {
      answers: { settings: () => lockedSettings, check_environment: () => ({ issuer: "x" }) },
    });
    await user.click(button("Settings"));
    await screen.findByText(/cannot be changed here/);
    screen.getByText(/Set by environment variables/);
    expect(field("Environment URL").readOnly).toBe(true);
    expect(field("Client ID").readOnly).toBe(true);
    noButton("Save");
    await user.type(field("Client ID"), "{Enter}");
    expect(core.calls.map((call) => call.command)).toEqual(["settings"]);
    await user.click(button("Check"));
    await screen.findByText(/This environment answers/, { selector: ".answers" });
  });

  test("a problem of the settings stands at its field from the start", async () => {
    const { user } = await open(scene("keychainUnavailable"), {
      answers: { settings: () => ({ ...settings, problem: badUrl }) },
    });
    await user.click(button("Settings"));
    await screen.findByText(sentence("environmentUrlInvalid"));
    expect(field("Environment URL").getAttribute("aria-invalid")).toBe("true");
  });

  test("settings that cannot be read say why, and can be tried again", async () => {
    const { core, user } = await open(scene("signedOut"), {
      answers: { settings: () => Promise.reject({ ...offline, code: "settingsFileUnreadable" }) },
    });
    await user.click(button("Settings"));
    await screen.findByText("The settings file cannot be used");
    expect(alert().textContent).toContain("settingsFile");
    core.answer("settings", () => settings);
    await user.click(button("Try again"));
    await screen.findByRole("textbox", { name: "Environment URL" });
  });
});
