/** A text that cannot turn the words around it, whatever its direction (Unicode UAX #9: FSI … PDI). */
export function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}
