/** Compares a picture with the stored one, with a tolerance for anti-aliasing. */
import pixelmatch from "pixelmatch";

/** RGBA, four bytes for each pixel. */
export type Image = { width: number; height: number; data: Uint8Array };

/** How far two colours may be apart, from 0 to 1. */
const COLOR_TOLERANCE = 0.1;

/** Side of the square in which differing pixels are counted, wherever in the picture it is. */
const WINDOW_SIZE = 16;

/**
 * How many pixels may differ in such a square: more than two lines across it. A button that is moved by 2 or 4 pixels has
 * 75 to 128.
 */
const MAX_DIFFERING = 48;

/** Describes the difference; `null` if there is none. `drawn` receives the differing pixels. */
export function difference(expected: Image, actual: Image, drawn?: Uint8Array): string | null {
  const [was, is] = [expected, actual].map(({ width, height }) => `${width} × ${height}`);
  if (was !== is) return `it is ${is} pixels, and was ${was}`;
  const options = { threshold: COLOR_TOLERANCE, windowSize: WINDOW_SIZE };
  const { width, height } = actual;
  const most = pixelmatch(expected.data, actual.data, drawn ?? null, width, height, options);
  if (most <= MAX_DIFFERING) return null;
  return `${most} pixels differ in a square of ${WINDOW_SIZE} (${MAX_DIFFERING} are allowed)`;
}
