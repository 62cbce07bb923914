/** A document of the simulated database. */
export type Doc = Record<string, unknown>;

/** A query or update operator, as the SDKs make them with `db.command`. */
export class Operator {
  readonly kind: string;
  readonly value: unknown;

  constructor(kind: string, value?: unknown) {
    this.kind = kind;
    this.value = value;
  }

  and(other: Operator): Operator {
    return new Operator('and', [this, other]);
  }
}

export const command = {
  set: (value: unknown) => new Operator('set', value),
  inc: (by: number) => new Operator('inc', by),
  remove: () => new Operator('remove'),
  eq: (value: unknown) => new Operator('eq', value),
  neq: (value: unknown) => new Operator('neq', value),
  gt: (value: unknown) => new Operator('gt', value),
  gte: (value: unknown) => new Operator('gte', value),
  lt: (value: unknown) => new Operator('lt', value),
  lte: (value: unknown) => new Operator('lte', value),
  in: (values: unknown[]) => new Operator('in', values),
  and: (...conditions: unknown[]) => new Operator('and', conditions),
  or: (...conditions: unknown[]) => new Operator('or', conditions),
};

/** As values are compared: dates as numbers, missing as null. */
export const plain = (value: unknown): unknown => (value instanceof Date ? value.getTime() : (value ?? null));

export function fieldOf(doc: Doc, path: string): unknown {
  let value: unknown = doc;
  for (const part of path.split('.')) value = (value as Doc | undefined)?.[part];
  return value;
}

function matchesValue(value: unknown, condition: unknown): boolean {
  if (!(condition instanceof Operator)) return plain(value) === plain(condition);
  const [a, b] = [plain(value), plain(condition.value)] as [number, number];
  switch (condition.kind) {
    case 'eq':
      return a === b;
    case 'neq':
      return a !== b;
    case 'gt':
      return a !== null && a > b;
    case 'gte':
      return a !== null && a >= b;
    case 'lt':
      return a !== null && a < b;
    case 'lte':
      return a !== null && a <= b;
    case 'in':
      return (condition.value as unknown[]).map(plain).includes(a);
    case 'and':
      return (condition.value as unknown[]).every((one) => matchesValue(value, one));
    case 'or':
      return (condition.value as unknown[]).some((one) => matchesValue(value, one));
    default:
      throw new Error(`no condition: ${condition.kind}`);
  }
}

export function matches(doc: Doc, where: unknown): boolean {
  if (where instanceof Operator) {
    const all = where.value as unknown[];
    return where.kind === 'or' ? all.some((one) => matches(doc, one)) : all.every((one) => matches(doc, one));
  }
  return Object.entries(where as Doc).every(([path, condition]) =>
    matchesValue(fieldOf(doc, path), condition),
  );
}

const isPlainObject = (value: unknown): value is Doc =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** As the SDKs do: an object without `set` is flattened into paths below the field. */
export function applyUpdate(doc: Doc, update: Doc, prefix = ''): void {
  for (const [key, value] of Object.entries(update)) {
    const path = prefix + key;
    if (isPlainObject(value)) applyUpdate(doc, value, `${path}.`);
    else setPath(doc, path, value);
  }
}

function setPath(doc: Doc, path: string, value: unknown): void {
  const parts = path.split('.');
  const last = parts.pop() as string;
  let target = doc;
  for (const part of parts) {
    if (!isPlainObject(target[part])) target[part] = {};
    target = target[part] as Doc;
  }
  if (!(value instanceof Operator)) target[last] = structuredClone(value);
  else if (value.kind === 'set') target[last] = structuredClone(value.value);
  else if (value.kind === 'inc')
    target[last] = ((target[last] as number | undefined) ?? 0) + (value.value as number);
  else if (value.kind === 'remove') delete target[last];
  else throw new Error(`no update: ${value.kind}`);
}
