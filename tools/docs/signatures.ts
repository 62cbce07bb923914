import { toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';

/** The parts of JSON Schema that the requests' schemas are made of. */
interface Schema {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
  pattern?: string;
}

/** What JSON Schema has no words for; it holds texts to well-formed Unicode, and days to those that exist. */
const WITHOUT_EQUIVALENT = ['check', 'trim'];
/** An id that a client makes; the page says once what one looks like. */
const ID_PATTERN = '^[A-Za-z0-9_-]{8,64}$';

const range = (min: number | undefined, max: number | undefined): string => {
  const largest = max === Number.MAX_SAFE_INTEGER ? undefined : max;
  if (min !== undefined && largest !== undefined) return `${min}–${largest}`;
  if (largest !== undefined) return `≤ ${largest}`;
  return min === undefined ? '' : `≥ ${min}`;
};

/** A type with what it is limited to: `number(1–50)`. */
const limited = (type: string, limits: string): string => (limits === '' ? type : `${type}(${limits})`);

function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' | ');
  switch (schema.type) {
    case 'array':
      return limited(`${typeOf(schema.items ?? {})}[]`, range(undefined, schema.maxItems));
    case 'object':
      return `{ ${fieldsOf(schema)} }`;
    case 'integer':
    case 'number':
      return limited('number', range(schema.minimum, schema.maximum));
    case 'string':
      return schema.pattern === ID_PATTERN
        ? 'id'
        : limited('string', range(schema.minLength, schema.maxLength));
    default:
      return schema.type ?? 'unknown';
  }
}

function fieldsOf({ properties = {}, required = [] }: Schema, separator = ', '): string {
  const fields = Object.entries(properties).map(([name, schema]) => {
    const optional = required.includes(name) ? '' : '?';
    const byDefault = schema.default === undefined ? '' : ` = ${JSON.stringify(schema.default)}`;
    return `${name}${optional}: ${typeOf(schema)}${byDefault}`;
  });
  return fields.join(separator);
}

/** A longer one gets a line for each field. */
const LINE_CHARS = 110;

/** A request: `{ sessionId: id, limit?: number(1–50) }`. Lengths are in UTF-16 units. */
export function signatureOf(schema: v.GenericSchema): string {
  const json: unknown = toJsonSchema(schema, { typeMode: 'input', ignoreActions: WITHOUT_EQUIVALENT });
  const line = `{ ${fieldsOf(json as Schema)} }`;
  return line.length <= LINE_CHARS ? line : `{\n  ${fieldsOf(json as Schema, ',\n  ')}\n}`;
}
