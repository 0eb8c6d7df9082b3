import { waitFor } from "@testing-library/svelte";
import type { Problem, ProblemCode, SessionView } from "tauri-plugin-scalekit-api";
import { describe, expect, test, vi } from "vitest";

import { loopbackSettings, settings } from "../preview/scenes";
import { companyHint } from "../src/lib/company";
import {
  announced,
  button,
  description,
  expectAccessible,
  field,
  notice,
  noButton,
  open,
  scene,
  screen,
} from "./window";

type Waiting = Extract<SessionView, { status: "signingIn" }>;
type SignedIn = Extract<SessionView, { status: "signedIn" }>;

const problem = (code: ProblemCode): Problem => ({
  code,
  message: "",
  parameters: {},
  detail: null,
});
const help = () =>
  screen.getByText<HTMLElement>("Browser did not return?", { selector: "summary" })
    .parentElement as HTMLDetailsElement;

describe("the organization that a sign-in is for", () => {
  test("is shown before the sign-in, by its id where the name is unknown", async () => {
    await open(scene("signedOutPinned"));
    expect(document.body.textContent).toContain("Organization: org_59615193906282635");
    await expectAccessible();
  });

  test("is shown while the browser is open, by its name", async () => {
    const organization = { id: "org_1", name: "Difference Works", externalId: null };
    await open({ ...(scene("waitingForBrowser") as Waiting), organization });
    expect(document.body.textContent).toContain("Organization: Difference Works");
    await expectAccessible();
  });

  test("is not mentioned where any organization may be chosen", async () => {
    await open(scene("signedOut"));
    expect(document.body.textContent).not.toContain("Organization:");
  });
});

describe("a way in", () => {
  test.each([
    ["Continue with \u2068Google\u2069", { intent: "signIn", provider: "google" }],
    ["Continue with \u2068of-tomorrow\u2069", { intent: "signIn", provider: "of-tomorrow" }],
    ["Use another account", { intent: "useAnotherAccount" }],
    ["Create account", { intent: "signUp" }],
  ])("“%s” sends %j", async (label, payload) => {
    const { core, user } = await open(scene("providers"));
    await user.click(button(label.replace(/[\u2068\u2069]/g, "")));
    expect(core.calls).toEqual([{ command: "sign_in", payload }]);
  });

  test.each([
    [" ada@acme.example ", { intent: "signIn", loginHint: "ada@acme.example" }],
    ["acme.example", { intent: "signIn", domain: "acme.example" }],
  ])("company form with “%s” sends %j", async (text, payload) => {
    const { core, user } = await open(scene("signedOut"));
    await user.click(button("Sign in with your company"));
    expect(document.activeElement).toBe(field("Work e-mail or company domain"));
    await expectAccessible();
    await user.keyboard(`${text}{Enter}`);
    expect(core.calls).toEqual([{ command: "sign_in", payload }]);
  });

  test("company form with neither an address nor a domain shows that and sends nothing", async () => {
    const { core, user } = await open(scene("signedOut"));
    await user.click(button("Sign in with your company"));
    const input = field("Work e-mail or company domain");
    await user.keyboard("acme{Enter}");
    expect(input.getAttribute("aria-invalid")).toBe("true");
    expect(description(input)).toContain("neither an e-mail address nor a domain");
    expect(document.activeElement).toBe(input);
    expect(core.calls).toEqual([]);
    await user.keyboard(".example");
    expect(input.getAttribute("aria-invalid")).toBeNull();
  });

  test("company form is closed by Escape, and the focus returns to its button", async () => {
    const { user } = await open(scene("signedOut"));
    await user.click(button("Sign in with your company"));
    await user.keyboard("{Escape}");
    expect(screen.queryByRole("textbox")).toBeNull();
    expect(document.activeElement).toBe(button("Sign in with your company"));
  });

  test("company form retains its input during a login initiation, and no longer than to a sign-in", async () => {
    const { core, user } = await open(scene("signedOut"));
    await user.click(button("Sign in with your company"));
    await user.keyboard("ada@ac");
    core.show(scene("invited"));
    await screen.findByRole("alertdialog");
    core.show(scene("signedOut"));
    await waitFor(() => expect(field("Work e-mail or company domain").value).toBe("ada@ac"));
    expect(button("Sign in with your company").getAttribute("aria-expanded")).toBe("true");

    core.show(scene("signedIn"));
    await screen.findByText("Ada Lovelace");
    core.show(scene("signedOutAgain"));
    await screen.findByText("You are signed out", { selector: "h1" });
    expect(screen.queryByRole("textbox")).toBeNull();
    await user.click(button("Sign in with your company"));
    expect(field("Work e-mail or company domain").value).toBe("");
  });

  test.each([
    ["ada@acme.example", { loginHint: "ada@acme.example" }],
    ["用户@例え.jp", { loginHint: "用户@例え.jp" }],
    ["müller.example", { domain: "müller.example" }],
    ["", null],
    ["acme", null],
    ["ada@", null],
    ["@acme.example", null],
    ["ada@acme", null],
    ["ada lovelace@acme.example", null],
    ["https://acme.example", null],
    [".example", null],
    [`${"a".repeat(250)}.example`, null],
  ])("company hint of “%s” is %j", (text, hint) => {
    expect(companyHint(text)).toEqual(hint);
  });
});

describe("the help for a browser that does not return", () => {
  test("opens by itself after 30 seconds, is announced once and takes no focus", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    try {
      await open(scene("waitingForBrowser"));
      const focused = document.activeElement;
      await vi.advanceTimersByTimeAsync(29_000);
      expect(help().open).toBe(false);
      await vi.advanceTimersByTimeAsync(1_500);
      expect(help().open).toBe(true);
      await waitFor(() => expect(announced()).toBe("Browser did not return?"));
      expect(document.activeElement).toBe(focused);
    } finally {
      vi.useRealTimers();
    }
  });

  test("is closed again in the sign-in that takes the place of this one", async () => {
    const { core } = await open(scene("loopbackOffered"));
    await waitFor(() => expect(help().open).toBe(true));
    core.show(scene("preparing"));
    await screen.findByText("Preparing…");
    core.show(scene("waitingForBrowser"));
    await screen.findByText("Continue in your browser", { selector: "h1" });
    expect(help().open).toBe(false);
  });

  test("stays closed once the user has closed it", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    try {
      const { core } = await open(scene("waitingForBrowser"));
      await vi.advanceTimersByTimeAsync(31_000);
      help().open = false;
      core.show({ ...(scene("waitingForBrowser") as Waiting), unusableCallback: true });
      await vi.advanceTimersByTimeAsync(60_000);
      expect(help().open).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });

  test.each(["linksTaken", "linksPerhapsTaken", "linksLost", "linksUnreachable"] as const)(
    "is open at once with %s, and shows what fails",
    async (code) => {
      const problem = { code, message: "", parameters: {}, detail: null };
      await open({ ...(scene("waitingForBrowser") as Waiting), problem });
      await waitFor(() => expect(help().open).toBe(true));
      expect(help().textContent).toMatch(/[Ll]inks.*in turn:/);
      expect(help().textContent).not.toContain("Nothing has come back");
      expect(document.getElementById("lede")?.textContent).not.toContain("allow it to open");
    },
  );

  test("stands below every button that was there before", async () => {
    await open(scene("loopbackOffered"));
    const isBefore = (name: string) =>
      button(name).compareDocumentPosition(help()) & Node.DOCUMENT_POSITION_FOLLOWING;
    for (const name of ["Open browser again", "Copy link", "Cancel"])
      expect(isBefore(name)).toBeTruthy();
  });

  test.each([
    ["Open browser with another way back", "use_loopback", {}],
    ["Paste from clipboard", "paste_link", {}],
    ["Use another account", "sign_in", { intent: "useAnotherAccount" }],
  ])("“%s” calls %s", async (label, command, payload) => {
    const { core, user } = await open(scene("loopbackOffered"));
    await user.click(button(label));
    expect(core.calls).toEqual([{ command, payload }]);
  });

  test("offers the loopback redirect URI only where one is configured, and no dead button", async () => {
    await open(scene("waitingForBrowser"));
    noButton("Open browser with another way back");
    expect(help().textContent).not.toContain("other way back");
  });

  test("shows that the browser returns by loopback, with the focus where its button was", async () => {
    const { core, user } = await open(scene("loopbackOffered"));
    await user.click(button("Open browser with another way back"));
    core.show(scene("loopbackListening"));
    const listens = await screen.findByText(/now comes back to an address on this computer/);
    noButton("Open browser with another way back");
    await waitFor(() => expect(document.activeElement).toBe(listens));
  });

  test("names the address that Firefox shows, and the browsers that show none", async () => {
    await open(scene("loopbackOffered"));
    await screen.findByText(settings.redirectUri);
    expect(help().textContent).toMatch(/Chrome, Edge .* show no address/);
  });

  test("a pasted address that is not the authorization response is shown, and can be pasted again", async () => {
    const { core, user } = await open(scene("pastedLink"));
    expect(notice().textContent).toContain("not the address that a sign-in ends at");
    const [, ofNotice] = screen.getAllByRole("button", {
      name: "Paste from clipboard",
      hidden: true,
    });
    if (ofNotice) await user.click(ofNotice);
    expect(core.calls).toEqual([{ command: "paste_link", payload: {} }]);
  });

  test("a clipboard without text is reported in a sentence", async () => {
    const problem = { code: "clipboardUnreadable", message: "", parameters: {}, detail: null };
    const { user } = await open(scene("loopbackOffered"), {
      results: { paste_link: () => Promise.reject(problem) },
    });
    await user.click(button("Paste from clipboard"));
    await screen.findByText(/The clipboard holds no text/);
  });
});

test("the waiting view shows in which browser to open a link from an e-mail", async () => {
  await open(scene("waitingForBrowser"));
  screen.getByText(/sent a link by e-mail, open it in that same browser/);
});

describe("another organization", () => {
  test.each([
    ["Difference Works", { intent: "selectOrganization", organizationId: "org_59615193906282636" }],
    [
      "org_59615193906282637",
      { intent: "selectOrganization", organizationId: "org_59615193906282637" },
    ],
    ["Choose another organization", { intent: "selectOrganization" }],
  ])("“%s” sends %j", async (label, payload) => {
    const { core, user } = await open(scene("signedIn"));
    await user.click(button("Switch organization"));
    screen.getByText(/pending invitations there\. You stay signed in/);
    await expectAccessible();
    await user.click(button(label));
    expect(core.calls).toEqual([{ command: "sign_in", payload }]);
  });

  test("list is closed by Escape, and the focus returns to its button", async () => {
    const { user } = await open(scene("signedIn"));
    await user.click(button("Switch organization"));
    await user.tab();
    await user.keyboard("{Escape}");
    noButton("Choose another organization");
    expect(document.activeElement).toBe(button("Switch organization"));
  });

  test("can be found where none is remembered and the user has none", async () => {
    const { user } = await open({ ...(scene("bare") as SignedIn), organizations: [] });
    screen.getByText("No organization");
    await user.click(button("Switch organization"));
    button("Choose another organization");
  });

  test("is not offered where the application is for one organization", async () => {
    await open(scene("pinned"));
    noButton("Switch organization");
    screen.getByText("Analytical Engines");
  });

  test("that failed is tried again to the same organization", async () => {
    const { core, user } = await open(scene("signedIn"));
    await user.click(button("Switch organization"));
    await user.click(button("Difference Works"));
    core.show(scene("switching"));
    core.show({ ...(scene("signedIn") as SignedIn), problem: problem("signInOffline") });
    await user.click(await screen.findByRole("button", { name: "Try again" }));
    const [first, second] = core.calls;
    expect(first?.payload).toEqual({
      intent: "selectOrganization",
      organizationId: "org_59615193906282636",
    });
    expect(second).toEqual(first);
  });

  test("to one that the environment does not know offers to choose another", async () => {
    const view = { ...(scene("signedIn") as SignedIn), problem: problem("organizationUnknown") };
    const { core, user } = await open(view);
    await user.click(button("Choose another organization"));
    expect(core.calls).toEqual([{ command: "sign_in", payload: { intent: "selectOrganization" } }]);
  });

  test("waiting view shows that the session stays until the switch is complete", async () => {
    await open(scene("switching"));
    await screen.findByText(/signed in already, you stay so until/);
  });

  test("waiting view shows what to do there, whether one organization was picked or none", async () => {
    const { core } = await open(scene("switching"));
    const lede = await screen.findByText(/If it asks, choose an organization or an invitation/);
    expect(lede.textContent).toContain("allow it to open Latchkey");
    core.show({ ...(scene("switching") as Waiting), problem: problem("linksTaken") });
    await waitFor(() => expect(lede.textContent).not.toContain("allow it to open"));
    expect(lede.textContent).toContain("you stay so until");
  });
});

describe("the pages of the environment", () => {
  test.each([
    ["Manage account", "account"],
    ["Passkeys", "passkeys"],
    ["Where you are signed in", "security"],
    ["Manage organization", "organization"],
  ])("“%s” opens %s", async (label, page) => {
    const { core, user } = await open(scene("pinned"));
    await user.click(button(label));
    expect(core.calls).toEqual([{ command: "open_hosted_page", payload: { page } }]);
  });

  test("are those of the view, and none is no list", async () => {
    const { core } = await open(scene("signedIn"));
    noButton("Manage organization");
    screen.getByText(/Choose Security there/);
    core.show({ ...(scene("signedIn") as SignedIn), pages: [] });
    await waitFor(() => noButton("Manage account"));
    expect(screen.queryByText("In your browser")).toBeNull();
  });
});

describe("sign-out", () => {
  test.each([
    ["Sign out", "sharedSession"],
    ["Sign out only on this computer", "thisComputer"],
  ])("“%s” has the scope %s", async (label, scope) => {
    const { core, user } = await open(scene("signedIn"));
    await user.click(screen.getByText("Other ways to sign out"));
    await user.click(button(label));
    expect(core.calls).toEqual([{ command: "sign_out", payload: { scope } }]);
  });

  test("of this computer alone shows that the browser stays signed in", async () => {
    await open(scene("signedIn"));
    screen.getByText(/your browser stays signed in/);
    screen.getByText("This signs you out here and in your browser.");
  });
});

test("an ended session names the possible reasons and offers a sign-in", async () => {
  await open(scene("sessionEnded"));
  expect(notice().textContent).toMatch(/time limit.*signed out somewhere else.*administrator/);
  button("Sign in again");
});

test("a loopback redirect URI is among the addresses to register", async () => {
  await open({ status: "notConfigured" }, { results: { settings: () => loopbackSettings } });
  await screen.findByText("http://127.0.0.1:49152/callback");
  button("Copy: Second post login URL (allowed callback URL)");
});
