import { isBinary } from './binary.ts';
import { CONNECT } from './socket-codec.ts';

const TYPES = ['connect', 'disconnect', 'event', 'ack', 'connect_error'];
const SECRET = /ticket|token|secret|passw|auth|^pid$/i;

/** Replacer for `JSON.stringify` that makes a log safe to publish: binary as its length, secrets hidden. */
export function readable(this: Record<string, unknown>, key: string, value: unknown): unknown {
  // Not `value`: where a binary class has a toJSON, it is that method's result.
  const raw = this[key];
  if (isBinary(raw)) return `<${raw.byteLength} B>`;
  if (raw instanceof Error) return raw.message;
  if (SECRET.test(key) || (key === 'data' && this.type === CONNECT)) return '***';
  return key === 'type' && this.nsp ? TYPES[value as number] : value;
}
