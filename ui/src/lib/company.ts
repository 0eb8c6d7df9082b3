import type { SignInRequest } from "tauri-plugin-scalekit-api";

/** The longest hint that the core accepts, in bytes. */
const MAX_LEN = 256;

/** Labels of any script, separated by dots: what the core accepts as a domain. */
const DOMAIN = /^[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+$/u;

/** The hint by which single sign-on is found: an e-mail address or a domain; nothing, if the text is neither. */
export function companyHint(
  text: string,
): Pick<SignInRequest, "loginHint"> | Pick<SignInRequest, "domain"> | null {
  const entered = text.trim();
  if (new TextEncoder().encode(entered).length > MAX_LEN) return null;
  if (!entered.includes("@")) return DOMAIN.test(entered) ? { domain: entered } : null;
  const at = entered.lastIndexOf("@");
  const isAddress = /^[^\s@\p{Cc}]+$/u.test(entered.slice(0, at));
  return isAddress && DOMAIN.test(entered.slice(at + 1)) ? { loginHint: entered } : null;
}
