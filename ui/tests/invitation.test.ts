import { waitFor } from "@testing-library/svelte";
import { tick } from "svelte";
import { describe, expect, test, vi } from "vitest";
import type { SessionView } from "tauri-plugin-scalekit-api";

import {
  announced,
  button,
  expectAccessible,
  field,
  heading,
  noButton,
  open,
  opening,
  scene,
  screen,
  within,
} from "./window";

type Invited = Extract<SessionView, { status: "invited" }>;
const invited = () => scene("invited") as Invited;

describe("an invitation", () => {
  test("is accepted by its number, and only after a delay", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const { core } = await open(invited());
      button("Continue").click();
      vi.advanceTimersByTime(799);
      await tick();
      button("Continue").click();
      expect(core.calls).toEqual([]);
      vi.advanceTimersByTime(1);
      await tick();
      button("Continue").click();
      expect(core.calls).toEqual([{ command: "accept_invitation", payload: { question: 7 } }]);
    } finally {
      vi.useRealTimers();
    }
  });

  test.each(["click", "Tab}{Enter", "Escape"])("is declined by %s", async (how) => {
    const { core, user } = await open(invited());
    // Escape during the delay may have been meant for the view before.
    await waitFor(() => expect(button("Continue").getAttribute("aria-disabled")).toBeNull());
    if (how === "click") await user.click(button("Not now"));
    else await user.keyboard(`{${how}}`);
    expect(core.calls).toEqual([{ command: "decline_invitation", payload: { question: 7 } }]);
  });

  test("by a link without parameters offers a signed-in user another sign-in or another organization", async () => {
    const { core } = await open(scene("invitedByAnybodyWhileSignedIn"));
    screen.getByText("intent");
    screen.getByText("join the team");
    button("Sign in again");
    button("Not now");
    await waitFor(() =>
      expect(button("Switch organization").getAttribute("aria-disabled")).not.toBe("true"),
    );
    button("Switch organization").click();
    const payload = { intent: "selectOrganization" };
    await waitFor(() => expect(core.calls).toEqual([{ command: "sign_in", payload }]));
  });

  test.each([
    ["invited", "ada@analytical.example"],
    ["invitedByConnection", "conn_88351643129225005"],
    ["invitedWhileSignedIn", "You are signed in as Ada Lovelace. If you finish"],
    [
      "invitedByAnybodyWhileSignedIn",
      "The link brings this for the sign-in page: intent: join the team",
    ],
    ["invitedByAnybody", "Continue only if you just opened this link yourself"],
  ])("%s is described with its question, in no list", async (name, fact) => {
    await open(scene(name));
    const described = opening()?.getAttribute("aria-describedby")?.split(" ") ?? [];
    const parts = described.map((id) => document.getElementById(id));
    const text = parts.map((part) => part?.textContent.replace(/\s+/g, " ")).join(" ");
    expect(text).toContain(fact);
    // WebKitGTK leaves a list out of a description.
    for (const part of parts) expect(part?.querySelector("dl, ul, ol, table")).toBeNull();
  });

  test("of an organization without a name is described with its ID", async () => {
    await open({ ...invited(), connection: null, loginHint: null });
    const described = document.getElementById(
      opening()?.getAttribute("aria-describedby")?.split(" ")[0] ?? "",
    );
    expect(described?.textContent).toContain("Organization ID: org_59615193906282635");
  });

  test("is read from its heading, and the button that changes nothing comes first, first view or not", async () => {
    const first = await open(invited());
    await waitFor(() => expect(document.activeElement).toBe(opening()));
    first.unmount();

    const { core, user } = await open(scene("signedIn"));
    await user.click(button("Sign out"));
    core.show(invited());
    await waitFor(() => expect(document.activeElement).toBe(opening()));
    await user.tab();
    expect(document.activeElement).toBe(button("Not now"));
  });

  test("that replaces another starts the delay again", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const { core } = await open(scene("invitedByAnybody"));
      vi.advanceTimersByTime(800);
      await tick();
      core.show({ ...invited(), question: 8 });
      await tick();
      button("Continue").click();
      expect(core.calls).toEqual([]);
      screen.getByText("ada@analytical.example");
    } finally {
      vi.useRealTimers();
    }
  });

  test("does not close settings with unsaved changes", async () => {
    const { core, user } = await open(scene("signedOut"));
    await user.click(button("Settings"));
    await screen.findAllByRole("textbox");
    await user.clear(field("Client ID"));
    await user.type(field("Client ID"), "ntvc_new");
    core.show(invited());
    await waitFor(() => expect(announced()).toBe("A link asks you to sign in."));
    expect(field("Client ID").value).toBe("ntvc_new");
    expect(document.activeElement).toBe(field("Client ID"));
    await user.click(button("Close"));
    await user.click(button("Discard"));
    await waitFor(() => expect(heading().textContent).toMatch(/^\s*Sign in to/));
  });

  test("that comes while settings are entered is seen beside them, and shown on request", async () => {
    const { core, user } = await open(scene("signedOut"));
    await user.click(button("Settings"));
    await screen.findAllByRole("textbox");
    await user.type(field("Client ID"), "9");
    noButton("Show");
    core.show(invited());
    const notice = await screen.findByRole("region", { name: "A link asks you to sign in." });
    within(notice).getByText("ada@analytical.example");
    await expectAccessible();
    await user.click(button("Show"));
    await user.click(button("Keep editing"));
    expect(field("Client ID").value).toMatch(/9$/);
    await user.click(button("Show"));
    await user.click(button("Discard"));
    await waitFor(() => expect(heading().textContent).toMatch(/^\s*Sign in to/));
    noButton("Show");
  });

  test("that is withdrawn while settings are entered is not offered any more", async () => {
    const { core, user } = await open(scene("signedOut"));
    await user.click(button("Settings"));
    await screen.findAllByRole("textbox");
    await user.type(field("Client ID"), "9");
    core.show(invited());
    await screen.findByRole("button", { name: "Show" });
    core.show(scene("signedOut"));
    await waitFor(() => noButton("Show"));
    expect(field("Client ID").value).toMatch(/9$/);
  });
});
