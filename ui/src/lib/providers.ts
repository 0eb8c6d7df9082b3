/** How the social providers of Scalekit write their names, which are the same in every language. */
const NAMES = new Map([
  ["google", "Google"],
  ["microsoft", "Microsoft"],
  ["github", "GitHub"],
  ["gitlab", "GitLab"],
  ["linkedin", "LinkedIn"],
  ["salesforce", "Salesforce"],
]);

/** What users know a provider as; one that is not known here is called as the settings name it. */
export function nameOfProvider(provider: string): string {
  return NAMES.get(provider) ?? provider;
}
