import type { SessionView } from "tauri-plugin-scalekit-api";
import { waitFor } from "@testing-library/svelte";
import { describe, expect, test, vi } from "vitest";

import { scenes } from "../preview/scenes";
import { languages, Locale } from "../src/lib/locale.svelte";
import {
  announced,
  button,
  description,
  expandAll,
  expectAccessible,
  heading,
  nameOf,
  noButton,
  notice,
  notices,
  open,
  opening,
  scene,
  screen,
  within,
} from "./window";

type Invited = Extract<SessionView, { status: "invited" }>;

describe("every view", () => {
  describe.each([...languages])("in %s", (language) => {
    test.each(Object.keys(scenes(0)))(
      "%s has one heading, and nothing that axe minds",
      async (name) => {
        await open(scene(name), { language });
        if (name === "notConfigured") await screen.findAllByRole("textbox");
        expandAll();

        await waitFor(() => expect(document.documentElement.lang).toBe(language));
        expect(document.documentElement.dir).toBe(language === "ar" ? "rtl" : "ltr");
        expect(screen.getAllByRole("heading", { level: 1 })).toHaveLength(1);
        await expectAccessible();
      },
    );
  });
});

describe("the controls have exactly these names", () => {
  test.each([
    [
      "notConfigured",
      [
        "Copy: Scalekit dashboard",
        "Copy: Post login URL (allowed callback URL)",
        "Copy: Post logout URL",
        "Copy: Initiate login URL",
        "Save",
        "Check this computer",
      ],
    ],
    ["starting", []],
    [
      "signedOut",
      ["Settings", "Sign in", "Sign in with your company", "Create account", "Use another account"],
    ],
    [
      "providers",
      [
        "Settings",
        "Sign in",
        "Continue with Google",
        "Continue with Microsoft",
        "Continue with of-tomorrow",
        "Sign in with your company",
        "Create account",
        "Use another account",
      ],
    ],
    [
      "signInFailed",
      [
        "Settings",
        "Sign in",
        "Sign in with your company",
        "Create account",
        "Use another account",
        "Try again",
        "Open settings",
        "Copy details",
        "Dismiss",
      ],
    ],
    ["invited", ["Settings", "Not now", "Continue"]],
    ["preparing", ["Cancel"]],
    [
      "waitingForBrowser",
      [
        "Open browser again",
        "Copy link",
        "Cancel",
        "Paste from clipboard",
        "Use another account",
        "Check this computer",
      ],
    ],
    [
      "noBrowser",
      [
        "Copy link",
        "Open browser again",
        "Cancel",
        "Paste from clipboard",
        "Use another account",
        "Check this computer",
        "Copy details",
      ],
    ],
    [
      "loopbackOffered",
      [
        "Open browser again",
        "Copy link",
        "Cancel",
        "Paste from clipboard",
        "Use another account",
        "Check this computer",
        "Open browser with another way back",
        "Set up links again",
        "Copy details",
      ],
    ],
    [
      "pastedLink",
      [
        "Open browser again",
        "Copy link",
        "Cancel",
        "Open browser with another way back",
        "Paste from clipboard",
        "Use another account",
        "Check this computer",
        "Paste from clipboard",
        "Copy details",
        "Dismiss",
      ],
    ],
    ["finishing", ["Cancel"]],
    [
      "signedIn",
      [
        "Settings",
        "Switch organization",
        "Sign out",
        "Sign out only on this computer",
        "Manage account",
        "Passkeys",
        "Where you are signed in",
        "Renew now",
      ],
    ],
    [
      "pinned",
      [
        "Settings",
        "Sign out",
        "Sign out only on this computer",
        "Manage account",
        "Passkeys",
        "Where you are signed in",
        "Manage organization",
        "Renew now",
      ],
    ],
    [
      "endsSoon",
      [
        "Settings",
        "Switch organization",
        "Sign out",
        "Sign out only on this computer",
        "Manage account",
        "Passkeys",
        "Where you are signed in",
        "Stay signed in",
      ],
    ],
    [
      "bare",
      [
        "Settings",
        "Switch organization",
        "Sign out",
        "Sign out only on this computer",
        "Manage account",
        "Passkeys",
        "Where you are signed in",
        "Try again",
        "Continue without a keychain",
        "Copy details",
        "Dismiss",
      ],
    ],
    [
      "refused",
      [
        "Settings",
        "Switch organization",
        "Sign in again",
        "Sign out",
        "Sign out only on this computer",
        "Manage account",
        "Passkeys",
        "Where you are signed in",
        "Renew now",
        "Sign in again",
        "Copy details",
        "Dismiss",
      ],
    ],
    ["keychainUnavailable", ["Settings", "Unlock", "Copy details"]],
    ["signingOut", []],
    ["noKeychain", ["Settings", "Try again", "Copy details", "Continue without a keychain"]],
  ])("%s", async (name, names) => {
    await open(scene(name));
    if (name === "notConfigured") await screen.findByRole("button", { name: "Save" });
    expandAll();
    const all = screen.queryAllByRole("button");
    const buttons = all.filter((it) => it.localName === "button").map((it) => nameOf(it));
    expect(buttons).toEqual(names);
  });

  test("and are translated", async () => {
    await open(scene("signedOut"), { language: "ar-EG" });
    const { actions } = (await Locale.load("ar")).text;
    for (const name of [actions.settings, actions.signIn, actions.createAccount]) button(name);
    noButton("Sign in");
  });
});

describe("a session that is not stored", () => {
  test("shows that, and a stored one does not", async () => {
    const { core } = await open(scene("inMemory"));
    screen.getByText(/is not saved\. You/);
    core.show(scene("signedIn"));
    await waitFor(() => expect(screen.queryByText(/is not saved\. You/)).toBeNull());
  });
});

describe("signed out", () => {
  test.each([
    ["signedOutAgain", "You are signed out"],
    ["cancelled", "Welcome"],
  ])("%s is shown without an alert", async (name, words) => {
    await open(scene(name));
    expect(heading().textContent).toBe(words);
    expect(notices()).toEqual([]);
  });

  test("after a cancelled sign-in a line reports it and is read with the view, once", async () => {
    const { core } = await open(scene("waitingForBrowser"));
    core.show(scene("cancelled"));
    await waitFor(() => expect(document.activeElement).toBe(opening()));
    expect(description(document.activeElement as HTMLElement)).toMatch(
      /^You cancelled the sign-in\. You sign in with your browser/,
    );
    expect(announced()).toBe("");
    core.show(scene("signedOut"));
    await waitFor(() => expect(screen.queryByText("You cancelled the sign-in.")).toBeNull());
  });

  test("offers to create an account unless the environment does not", async () => {
    const { core } = await open(scene("signedOut"));
    button("Create account");
    core.show({ ...scene("signedOut"), offersSignUp: false } as SessionView);
    await waitFor(() => noButton("Create account"));
    button("Sign in");
  });

  test("a failed sign-in shows what happened, what the detail is, and the code", async () => {
    await open(scene("signInFailed"));
    expect(notice().textContent).toContain("The sign-in service cannot be reached");
    expect(notice().textContent).toContain(
      "There is no connection to \u2068acme.scalekit.com\u2069.",
    );
    expandAll();
    expect(notice().textContent).toMatch(/Cause\s*dns error/);
    expect(notice().textContent).toMatch(/Code\s*offline/);
    expect(notice().textContent).toMatch(/Version\s*0\.1\.0/);
  });

  test("a problem has the time at which it appeared, also after the settings were open", async () => {
    const { user } = await open(scene("signInFailed"));
    const time = () => {
      expandAll();
      return /Time(.*?)Version/.exec(notice().textContent)?.[1];
    };
    const before = time();
    const later = Date.now() + 47 * 60_000;
    vi.spyOn(Date, "now").mockReturnValue(later);
    await user.click(button("Settings"));
    await user.click(button("Close"));
    await waitFor(() => expect(time()).toBe(before));
  });

  test("text of the environment is distinguished from text of this computer", async () => {
    await open(scene("sessionEnded"));
    expect(notice().textContent).toMatch(/The service said\s*refresh token revoked/);
  });
});

describe("an invitation", () => {
  test("shows who is to sign in and where, and that the session is unchanged", async () => {
    await open(scene("invitedWhileSignedIn"));
    await waitFor(() => expect(heading().textContent.trim()).toBe("Sign in to acme.scalekit.com?"));
    const question = screen.getByRole("alertdialog", { name: "Sign in to acme.scalekit.com?" });
    for (const text of ["org_59615193906282635", "ada@analytical.example", "Ada Lovelace"])
      within(question).getByText(text);
    expect(question.textContent).toMatch(/You are signed in as Ada Lovelace\. If you finish/);
    expect(description(question)).toMatch(/ada@analytical\.example.*Continue only if you/);
  });

  test("from an organization that is known by name shows its name, its id and the host", async () => {
    const view = scene("invited") as Invited;
    const organization = { id: "org_1", name: "Analytical Engines", externalId: null };
    await open({ ...view, organization });
    const question = "Sign in to Analytical Engines at acme.scalekit.com?";
    await waitFor(() => expect(heading().textContent.trim()).toBe(question));
    expandAll();
    screen.getByText("org_1");
    screen.getByText("acme.scalekit.com", { selector: "dd *" });
    expect(screen.getByText("Sign-in service").closest("details")).not.toBeNull();
  });

  test("from an organization that is known by name names it before the host is known", async () => {
    const view = scene("invited") as Invited;
    const organization = { id: "org_1", name: "Analytical Engines", externalId: null };
    const results = { settings: () => new Promise(() => {}) };
    await open({ ...view, organization }, { results });
    expect(heading().textContent.trim()).toBe("A link asks you to sign in.");
    within(screen.getByRole("alertdialog")).getByText("Analytical Engines");
  });

  test("hides nothing that was to be read before", async () => {
    const problem = { code: "notCleared", message: "", parameters: {}, detail: null } as const;
    await open({ ...(scene("invited") as Invited), problem });
    expect(notice().textContent).toContain("still on this computer");
  });

  test("that names only a connection shows it", async () => {
    await open(scene("invitedByConnection"));
    screen.getByText("conn_88351643129225005");
  });

  test("without a login hint or an organization shows that", async () => {
    await open(scene("invitedByAnybody"));
    screen.getByText(/does not say who sent it/);
  });

  test("cannot turn the words around what it names", async () => {
    const view = scene("invited") as Invited;
    await open({ ...view, loginHint: "<img src=x>\u202e", signedInAs: "\u202eX" });
    for (const text of ["<img src=x>\ufffd", "\ufffdX"])
      expect(screen.getByText(text).tagName).toBe("BDI");
  });
});

describe("signed in", () => {
  test("shows who, where and what they may do", async () => {
    const { container } = await open(scene("signedIn"));
    expect(heading().textContent).toBe("Ada Lovelace");
    for (const text of [
      "ada@analytical.example",
      "Analytical Engines",
      "org_59615193906282635",
      "acme-1",
      "usr_52093210010",
      "plan",
      "team",
    ])
      screen.getByText(text);
    await screen.findByText("acme.scalekit.com");
    expect(screen.queryByText(/erified/)).toBeNull();
    expect(screen.getByRole("list", { name: "Roles" }).children).toHaveLength(2);
    expect(screen.getByRole("list", { name: "Permissions" }).children).toHaveLength(4);
    expect(container.querySelector("img")).toBeNull();
    screen.getByText("AL");
  });

  test("shows which claims are missing", async () => {
    await open(scene("bare"));
    expect(heading().textContent).toBe("grace@navy.example");
    for (const text of ["E-mail not verified", "No organization", "No roles", "No permissions"])
      screen.getByText(text);
    screen.getByText(/^Your sign-in ends at/);
  });

  test("shows that roles are unknown with an opaque access token", async () => {
    await open(scene("untold"));
    expect(screen.getAllByText("Not told to Latchkey")).toHaveLength(2);
    expect(screen.getByText("org_59615193906282635").closest("code")).not.toBeNull();
    for (const none of ["No organization", "No roles", "No permissions"])
      expect(screen.queryByText(none)).toBeNull();
  });

  test("offers another sign-in beside a rejected session, and none beside an accepted one", async () => {
    const { core, user } = await open(scene("refused"));
    screen.getByText("Your sign-in is not renewed any more");
    const [beside] = screen.getAllByRole("button", { name: "Sign in again" });
    if (beside) await user.click(beside);
    expect(core.calls.filter((call) => call.command === "sign_in")).toHaveLength(1);
    core.show(scene("signedIn"));
    await waitFor(() => noButton("Sign in again"));
  });

  test("shows no badge without the claim email_verified, and a picture that was loaded", async () => {
    const { container } = await open(scene("withPicture"));
    expect(screen.queryByText(/erified/)).toBeNull();
    expect(container.querySelector("img")?.getAttribute("src")).toMatch(/^data:image\//);
    expect(container.querySelector("img")?.getAttribute("alt")).toBe("");
    screen.getByText("Renewing…");
  });

  test("falls back to the initials when the picture is broken", async () => {
    const { container } = await open(scene("withPicture"));
    container.querySelector("img")?.dispatchEvent(new Event("error"));
    await screen.findByText("AL");
    expect(container.querySelector("img")).toBeNull();
  });

  test("filters a long list", async () => {
    const { user } = await open(scene("hostile"));
    expandAll();
    const list = screen.getByRole("list", { name: "Permissions" });
    expect(list.children).toHaveLength(500);
    await user.type(screen.getByRole("searchbox", { name: "Filter 500 permissions" }), "E-49");
    expect(list.children).toHaveLength(11);
    screen.getByText("11 found");
  });

  test("a short list has no filter", async () => {
    await open(scene("signedIn"));
    expect(screen.queryByRole("searchbox")).toBeNull();
  });

  test("a delayed refresh shows why beside the profile and offers a retry", async () => {
    const { core, user } = await open(scene("delayed"));
    expect(notice().textContent).toContain("The sign-in service cannot be reached");
    screen.getByText("Tried again in about 1 minute");
    await user.click(button("Try again"));
    expect(core.calls.map((call) => call.command)).toEqual(["refresh"]);
  });

  test("a dismissed delay is shown again only with another code, or after a refresh", async () => {
    const view = scene("delayed");
    if (view.status !== "signedIn" || view.refresh.state !== "delayed")
      throw new Error("delayed is delayed");
    const { core, user } = await open(view);
    await user.click(button("Dismiss"));
    await waitFor(() => expect(notices()).toHaveLength(0));
    core.show({ ...view, refresh: { state: "refreshing" } });
    core.show(view);
    await screen.findByText("Tried again in about 1 minute");
    expect(notices()).toHaveLength(0);
    const { problem } = view.refresh;
    core.show({
      ...view,
      refresh: { ...view.refresh, problem: { ...problem, code: "refreshUnavailable" } },
    });
    await waitFor(() => expect(notices()).toHaveLength(1));
    core.show({ ...view, refresh: { state: "scheduled", at: Date.now() + 60_000 } });
    await waitFor(() => expect(notices()).toHaveLength(0));
    core.show(view);
    await waitFor(() => expect(notices()).toHaveLength(1));
  });

  test("a session that cannot be renewed offers a sign-in only once its end is soon", async () => {
    const view = scene("endsSoon");
    if (view.status !== "signedIn") throw new Error("endsSoon is signed in");
    const endsAt = Date.now() + 9 * 60_000;
    const { core, user } = await open({
      ...view,
      refresh: { state: "impossible", endsAt, soon: false },
    });
    noButton("Stay signed in");
    noButton("Renew now");
    core.show({ ...view, refresh: { state: "impossible", endsAt, soon: true } });
    await waitFor(() => expect(notice().textContent).toContain("Your sign-in ends soon"));
    await user.click(button("Stay signed in"));
    expect(core.calls).toEqual([{ command: "sign_in", payload: { intent: "signIn" } }]);
    expect(notices()).toHaveLength(1);
  });

  test("a session whose end the service announces offers a sign-in beside its refresh", async () => {
    const view = scene("signedIn");
    if (view.status !== "signedIn") throw new Error("signedIn is signed in");
    const { core } = await open(view);
    noButton("Stay signed in");
    core.show({ ...view, announcedEnd: Date.now() + 9 * 60_000 });
    await waitFor(() => expect(notice().textContent).toContain("Your sign-in ends soon"));
    button("Stay signed in");
    core.show(view);
    await waitFor(() => expect(notices()).toHaveLength(0));
  });
});

describe("a callback of no use", () => {
  test("is shown without an announcement, and without the link", async () => {
    await open(scene("unusableCallback"));
    screen.getByText(/does not belong to this sign-in/);
    expect(notices()).toEqual([]);
    button("Open browser again");
  });

  test("is not shown where none came", async () => {
    await open(scene("waitingForBrowser"));
    expect(screen.queryByText(/does not belong to this sign-in/)).toBeNull();
  });
});

describe("text from outside", () => {
  test("is text, whatever its content, and loads nothing", async () => {
    const { container } = await open(scene("hostile"));
    expect(container.querySelectorAll("img, script, iframe, style")).toHaveLength(0);
    expect(heading().textContent).toContain("<img src=x onerror=alert(1)>");
    screen.getByText("</ul><script>alert(1)</script>");
    screen.getByText(`${"a".repeat(10_000)}@example.com`);
  });

  test("cannot turn the words around it: each piece is isolated", async () => {
    await open(scene("hostile"));
    for (const piece of screen.getAllByText((text) => text.includes("\u202e")))
      expect(piece.closest("bdi")).not.toBeNull();
  });

  test("of a problem is isolated too", async () => {
    await open({
      status: "signedOut",
      organization: null,
      offersSignUp: true,
      providers: [],
      reason: "signInFailed",
      problem: { code: "signInRefused", message: "", parameters: {}, detail: "\u202e<b>x</b>" },
    });
    expect(screen.getByText("\ufffd<b>x</b>").tagName).toBe("BDI");
  });
});
