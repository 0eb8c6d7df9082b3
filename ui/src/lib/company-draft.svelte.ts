import { createContext } from "svelte";

export const [useCompanyDraft, provideCompanyDraft] = createContext<CompanyDraft>();

/** What is entered in the form of the company, which other views cover. It is in this window's memory only. */
export class CompanyDraft {
  isOpen = $state(false);
  entered = $state("");

  /** The next user does not see it. */
  clear(): void {
    this.isOpen = false;
    this.entered = "";
  }
}
