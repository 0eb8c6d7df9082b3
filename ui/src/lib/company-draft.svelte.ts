import { createContext } from "svelte";

export const [useCompanyDraft, provideCompanyDraft] = createContext<CompanyDraft>();

/** The input of the company form, which outlives the view. It is in this window's memory only. */
export class CompanyDraft {
  isOpen = $state(false);
  entered = $state("");

  /** Deletes the input, so that another user does not see it. */
  clear(): void {
    this.isOpen = false;
    this.entered = "";
  }
}
