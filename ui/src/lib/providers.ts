/** The names of Scalekit's social connections, which are the same in every language. */
const NAMES = new Map([
  ["google", "Google"],
  ["microsoft", "Microsoft"],
  ["github", "GitHub"],
  ["gitlab", "GitLab"],
  ["linkedin", "LinkedIn"],
  ["salesforce", "Salesforce"],
]);

/** The display name of a social connection; for an unknown one, its name in the settings. */
export function nameOfProvider(provider: string): string {
  return NAMES.get(provider) ?? provider;
}
