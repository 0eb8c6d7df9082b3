/** The text, isolated from the direction of the text around it (Unicode UAX #9: FSI … PDI). */
export function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}
