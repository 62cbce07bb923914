import { BSONRegExp, EJSON, ObjectId } from 'bson';
import { invalidParam } from '../errors.ts';
import { isPlainObject } from './values.ts';

/**
 * Canonical EJSON v2 as the SDKs send it ↔ plain values (Date, RegExp, number). `now` (epoch ms) is what
 * `db.serverDate()` stands for: one moment for a whole request.
 */
export function parseEjson(text: unknown, now: number): unknown {
  if (text === undefined || text === null || text === '') return {};
  try {
    return plain(typeof text === 'string' ? EJSON.parse(text) : EJSON.deserialize(text as object), now);
  } catch (cause) {
    throw invalidParam(`not EJSON: ${(cause as Error).message}`);
  }
}

export function parseEjsonObject(text: unknown, now: number): Record<string, unknown> {
  const value = parseEjson(text, now);
  if (!isPlainObject(value)) throw invalidParam('an object is expected');
  return value;
}

export const toEjson = (value: unknown): string => EJSON.stringify(value, { relaxed: false });

function plain(value: unknown, now: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof BSONRegExp)
    return new RegExp(value.pattern, value.options.replace(/[^dgimsuvy]/g, ''));
  if (value instanceof ObjectId) return value.toHexString();
  if (Array.isArray(value)) return value.map((item) => plain(item, now));
  if (!isPlainObject(value)) return value;
  const serverDate = value.$tcb_server_date;
  if (isPlainObject(serverDate)) return new Date(now + Number(serverDate.offset ?? 0));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, now)]));
}
