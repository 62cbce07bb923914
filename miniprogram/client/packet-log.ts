import { isBinary } from './binary.ts';
import { CONNECT } from './socket-codec.ts';

const TYPES = ['connect', 'disconnect', 'event', 'ack', 'connect_error'];
const SECRET = /ticket|token|secret|passw|auth|^pid$/i;

/** A replacer of `JSON.stringify`: makes JSON fit to be read, and to be copied into a public question: binary as its length, secrets hidden. */
export function readable(this: Record<string, unknown>, key: string, value: unknown): unknown {
  // Not `value`: some binary classes have a toJSON, which has been called by now.
  const raw = this[key] as object;
  if (raw && isBinary(raw)) return `<${raw.byteLength} B>`;
  if (raw instanceof Error) return raw.message;
  if (SECRET.test(key) || (key === 'data' && this.type === CONNECT)) return '***';
  return key === 'type' && this.nsp ? TYPES[value as number] : value;
}
