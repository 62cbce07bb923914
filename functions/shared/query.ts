import type * as v from 'valibot';

/** Schemas as this needs to see them: an object has `entries`, an optional or nullable one has `wrapped`. */
type Shape = v.GenericSchema & {
  entries?: Record<string, Shape>;
  wrapped?: Shape;
};

const isNumber = (schema: Shape | undefined): boolean =>
  schema !== undefined && (schema.type === 'number' || isNumber(schema.wrapped));

const NUMBER = /^-?\d{1,15}$/;

/** A query with the numbers that its schema asks for. A text that is no whole number stays one, and the schema refuses it. */
export function withNumbers(
  schema: v.GenericSchema,
  query: Record<string, unknown>,
): Record<string, unknown> {
  const { entries = {} } = schema as Shape;
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => {
      const wanted = Object.hasOwn(entries, name) && isNumber(entries[name]);
      return [name, wanted && typeof value === 'string' && NUMBER.test(value) ? Number(value) : value];
    }),
  );
}
