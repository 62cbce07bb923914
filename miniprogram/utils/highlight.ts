export interface Segment {
  /** Position in the text: the key of the list item. */
  from: number;
  text: string;
  hit: boolean;
}

/** Characters shown before the first hit, so that the hit is visible on one line. */
const LEAD_CHARS = 12;

/**
 * Splits a text into segments that were found by a search and others. Ranges may overlap or lie outside the text; the segments
 * always add up to the text.
 */
export function segmentsOf(text: string, ranges: readonly (readonly [number, number])[]): Segment[] {
  const segments: Segment[] = [];
  let at = 0;
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const start = Math.max(at, Math.min(from, text.length));
    const end = Math.min(to, text.length);
    if (end <= start) continue;
    if (start > at) segments.push({ from: at, text: text.slice(at, start), hit: false });
    segments.push({ from: start, text: text.slice(start, end), hit: true });
    at = end;
  }
  if (at < text.length) segments.push({ from: at, text: text.slice(at), hit: false });
  return segments;
}

/** {@link segmentsOf}, shortened at the beginning where the first hit is far from it. */
export function excerptOf(text: string, ranges: readonly (readonly [number, number])[]): Segment[] {
  const segments = segmentsOf(text, ranges);
  const lead = segments[0];
  if (lead === undefined || lead.hit || segments.length === 1 || lead.text.length <= LEAD_CHARS)
    return segments;
  return [{ from: 0, text: `…${lead.text.slice(-LEAD_CHARS)}`, hit: false }, ...segments.slice(1)];
}
