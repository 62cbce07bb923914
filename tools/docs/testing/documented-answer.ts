/** What stands for anything in a documented answer; as a key: more fields. */
const ANYTHING = '…';

/**
 * Where an answer differs from what is documented: the first path, or undefined where it is as documented. Numbers and texts have
 * to be the same, except `"…"`; an object with the key `"…"` may have more fields, a list may have more elements.
 */
export function differenceFrom(documented: unknown, actual: unknown, path = '$'): string | undefined {
  if (documented === ANYTHING) return actual === undefined ? path : undefined;
  if (Array.isArray(documented)) {
    if (!Array.isArray(actual)) return path;
    return first(documented.map((one, at) => differenceFrom(one, actual[at], `${path}[${at}]`)));
  }
  if (typeof documented !== 'object' || documented === null)
    return documented === actual ? undefined : `${path}: ${JSON.stringify(actual)}`;
  if (typeof actual !== 'object' || actual === null) return path;
  const { [ANYTHING]: more, ...fields } = documented as Record<string, unknown>;
  const found = actual as Record<string, unknown>;
  const unknown = Object.keys(found).find((key) => more === undefined && !(key in fields));
  if (unknown !== undefined) return `${path}.${unknown}: not documented`;
  return first(Object.entries(fields).map(([key, one]) => differenceFrom(one, found[key], `${path}.${key}`)));
}

const first = (differences: (string | undefined)[]): string | undefined =>
  differences.find((one) => one !== undefined);
