import { waitFor } from "@testing-library/svelte";
import type { CheckName, Finding, FindingCode, Remedy } from "tauri-plugin-scalekit-api";
import { expect, test, vi } from "vitest";

import views from "../../crates/tauri-plugin-scalekit/guest-js/views.ts?raw";
import { goodReport, offline, report } from "../preview/scenes";
import { languages, Locale } from "../src/lib/locale.svelte";
import { forSupport, inWords } from "../src/lib/self-check";
import {
  announced,
  button,
  english,
  expandAll,
  expectAccessible,
  heading,
  noButton,
  open,
  pending,
  scene,
  screen,
  within,
} from "./window";

const words = english.text.selfCheck;
const namesOf = (type: string) =>
  [...(new RegExp(`type ${type} = ([^;]+);`).exec(views)?.[1] ?? "").matchAll(/"(\w+)"/g)].map(
    ([, name]) => name ?? "",
  );
const spoken = await Promise.all(languages.map((tag) => Locale.load(tag)));
const row = (name: string) => {
  const title = screen.getByRole("heading", { level: 2, name: new RegExp(`${name}$`) });
  return within(title.closest("li") as HTMLElement);
};

/** Opens the view by user actions, with a core that returns this report. */
async function openCheck(result: () => unknown = () => report, view = scene("signedOut")) {
  const opened = await open(view, { results: { self_check: result } });
  await opened.user.click(button("Settings"));
  await opened.user.click(await screen.findByRole("button", { name: words.heading }));
  return opened;
}

test.each(languages)("each finding and check has its words in %s", async (tag) => {
  const locale = await Locale.load(tag);
  const { checks, findings } = locale.text.selfCheck;
  const codes = namesOf("FindingCode") as FindingCode[];
  expect(codes.length).toBeGreaterThan(30);
  expect(Object.keys(findings).sort()).toEqual([...codes].sort());
  expect(Object.keys(checks).sort()).toEqual(namesOf("CheckName").sort());
  for (const code of codes) {
    const { finding, advice } = findings[code];
    const inEnglish = words.findings[code];
    expect(finding.length, code).toBeGreaterThan(5);
    expect(advice === "", code).toBe(inEnglish.advice === "");
    if (tag !== "en") expect(finding, code).not.toBe(inEnglish.finding);
  }
  for (const check of namesOf("CheckName") as CheckName[])
    if (tag !== "en") expect(checks[check]).not.toBe(words.checks[check]);
});

test("each row shows its check, what was found and what to do", async () => {
  await openCheck();
  expect(heading().textContent).toBe("Check this computer");
  await screen.findByText(words.results.alarm);
  expect(screen.getAllByRole("listitem")).toHaveLength(9);
  const links = row("Links from the browser");
  expect(links.getByText(/open another program: \u2068\/opt\/other\/tool\u2069/)).toBeTruthy();
  expect(links.getByText(/make this application the default/)).toBeTruthy();
  expect(row("Warning:\\s*Links from the browser")).toBeTruthy();
  expect(row("In order:\\s*Proxy").getByText(/proxy.acme.example:3128/)).toBeTruthy();
  expandAll();
  expect(row("Keychain").getByText("org.freedesktop.Secret.Error.IsLocked")).toBeTruthy();
  await expectAccessible();
});

test("what was found is announced, and that the check goes on is shown", async () => {
  const result = pending();
  await openCheck(() => result.promise);
  expect(screen.getByRole("progressbar")).toBeTruthy();
  expect(button("Check again").getAttribute("aria-busy")).toBe("true");
  result.resolve(goodReport);
  await waitFor(() => expect(announced()).toBe(words.results.ok));
  expect(screen.queryByRole("progressbar")).toBeNull();
});

test("the links are set up again before the next check", async () => {
  const { core, user } = await openCheck();
  await screen.findByText(words.results.alarm);
  core.setResult("self_check", () => goodReport);
  await user.click(button("Set up links again: Links from the browser"));
  await screen.findByText(words.results.ok);
  const commands = core.calls.map(({ command }) => command);
  expect(commands).toEqual(["self_check", "check_links", "self_check"]);
});

test("a row that the user mends outside is checked again", async () => {
  const { core, user } = await openCheck();
  await user.click(await screen.findByRole("button", { name: "Check again: Keychain" }));
  await waitFor(() => expect(core.calls).toHaveLength(2));
  expect(core.calls[1]?.command).toBe("self_check");
});

test("wrong settings lead to the settings", async () => {
  const { user } = await openCheck();
  await user.click(await screen.findByRole("button", { name: "Open settings: Redirect URI" }));
  await waitFor(() => expect(heading().textContent).toBe("Settings"));
});

test("the settings are not offered during a sign-in, which goes on", async () => {
  const { core, user } = await open(scene("waitingForBrowser"), {
    results: { self_check: () => report },
  });
  expandAll();
  await user.click(button(words.heading));
  await screen.findByText(words.results.alarm);
  noButton("Open settings: Redirect URI");
  await user.keyboard("{Escape}");
  await waitFor(() => expect(heading().textContent).toBe("Continue in your browser"));
  expect(core.calls.map(({ command }) => command)).toEqual(["self_check"]);
  expect(document.activeElement).toBe(button(words.heading));
});

test("a sign-in that is complete is shown in place of the check", async () => {
  const { core, user } = await open(scene("waitingForBrowser"), {
    results: { self_check: () => report },
  });
  expandAll();
  await user.click(button(words.heading));
  await screen.findByText(words.results.alarm);
  core.show(scene("signedIn"));
  await waitFor(() => expect(heading().textContent).toBe("Ada Lovelace"));
});

test("what was entered in the settings is there after the check", async () => {
  const { user } = await open(scene("signedOut"), { results: { self_check: () => report } });
  await user.click(button("Settings"));
  const field = () => screen.getByRole<HTMLInputElement>("textbox", { name: "Client ID" });
  await screen.findByRole("textbox", { name: "Client ID" });
  await user.clear(field());
  await user.type(field(), "ntvc_entered");
  await user.click(button(words.heading));
  await screen.findByText(words.results.alarm);
  await user.click(button("Close"));
  await waitFor(() => expect(heading().textContent).toBe("Settings"));
  expect(field().value).toBe("ntvc_entered");
  expect(document.activeElement).toBe(button(words.heading));
});

test("a rejected check is shown, and can be repeated", async () => {
  let calls = 0;
  const { user } = await openCheck(() => {
    if (calls++ === 0) throw { ...offline, code: "tooOften", message: "Too often." };
    return goodReport;
  });
  expect(await screen.findByText("That was too fast")).toBeTruthy();
  await user.click(button("Check again"));
  await screen.findByText(words.results.ok);
});

test("the report is copied with its codes, and without the window's language", async () => {
  const { user } = await openCheck();
  const written = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
  await user.click(await screen.findByRole("button", { name: words.copyReport }));
  const text = written.mock.calls[0]?.[0] ?? "";
  expect(text).toMatch(/^Latchkey 0\.1\.0\n\d{4}-\d\d-\d\dT/);
  expect(text).toContain("alarm scheme (schemeTaken): Links from the browser open another program");
  expect(text).toContain("\n    (org.freedesktop.Secret.Error.IsLocked)");
  expect(forSupport(goodReport, null, 0)).toMatch(/^Latchkey\n1970-01-01T00:00:00.000Z\nok scheme/);
});

test("a finding of a newer core has the core's words in every language", () => {
  const [first] = report.findings;
  const finding = { ...first, code: "fromTheFuture", message: "New.", advice: "Update." };
  for (const locale of spoken)
    expect(inWords(finding as unknown as Finding, locale)).toMatchObject({
      finding: "New.",
      advice: "Update.",
    });
});

test("the advice of a finding with a problem contains the problem's sentence", () => {
  for (const locale of spoken) {
    const [first] = report.findings;
    const finding = { ...first, problem: offline } as Finding;
    expect(inWords(finding, locale).advice).toContain("acme.scalekit.com");
    expect(inWords(finding, locale).advice).toContain(
      locale.text.problems.offline.sentence.slice(-10),
    );
  }
});

test("each remedy has a name in every language", () => {
  const remedies: Record<Remedy, true> = { checkLinks: true, openSettings: true, checkAgain: true };
  for (const { text } of spoken)
    expect(Object.keys(text.selfCheck.remedies).sort()).toEqual(Object.keys(remedies).sort());
});
