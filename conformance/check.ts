/** What a case expected and what it saw are not the same. Both are shown to people. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch';
  readonly expected: string;
  readonly seen: string;

  constructor(what: string, expected: unknown, seen: unknown) {
    super(what);
    this.expected = textOf(expected);
    this.seen = textOf(seen);
  }
}

const MAX_SHOWN_CHARS = 600;

/** A value for people, cut to a readable length. */
function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value, shown) ?? String(value));
  return text.length > MAX_SHOWN_CHARS ? `${text.slice(0, MAX_SHOWN_CHARS)}…` : text;
}

/** Patterns hold functions, which JSON leaves out. */
const shown = (_key: string, value: unknown): unknown =>
  typeof value === 'function' ? `<${value.name || 'predicate'}>` : value;

/** @throws Mismatch unless the condition holds */
export function that(what: string, holds: boolean, seen: unknown, expected: unknown = 'true'): void {
  if (!holds) throw new Mismatch(what, expected, seen);
}

/** @throws Mismatch unless both are equal as JSON */
export function equal(what: string, seen: unknown, expected: unknown): void {
  if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Mismatch(what, expected, seen);
}

/** A value, a predicate, or an object of which every named field has to match. */
export type Pattern = unknown;

function matches(seen: unknown, pattern: Pattern): boolean {
  if (typeof pattern === 'function') return Boolean((pattern as (value: unknown) => unknown)(seen));
  if (Array.isArray(pattern))
    return (
      Array.isArray(seen) &&
      seen.length === pattern.length &&
      pattern.every((one, i) => matches(seen[i], one))
    );
  if (typeof pattern !== 'object' || pattern === null) return Object.is(seen, pattern);
  if (typeof seen !== 'object' || seen === null) return false;
  return Object.entries(pattern).every(([key, one]) => matches((seen as Record<string, unknown>)[key], one));
}

/** @throws Mismatch unless every field that the pattern names matches; others may be there, too */
export function like(what: string, seen: unknown, pattern: Pattern): void {
  if (!matches(seen, pattern)) throw new Mismatch(what, pattern, seen);
}

/** Predicates for patterns; their names are shown. */
export const text = (value: unknown): boolean => typeof value === 'string' && value !== '';
export const count = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
export const positive = (value: unknown): boolean => typeof value === 'number' && value > 0;
export const flag = (value: unknown): boolean => typeof value === 'boolean';
export const absent = (value: unknown): boolean => value === undefined;

/** @throws Mismatch where the promise has not settled after `ms` */
export async function within<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Mismatch(what, `within ${ms} ms`, 'nothing by then')), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** For what is a matter of time itself: that a wait is long enough, that a second has passed. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
