/** The window's page. */
export const page = {
  /** Loads it again, and with it the session's newest view. */
  reload: () => location.reload(),
};
