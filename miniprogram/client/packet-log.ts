import { isBinary } from './binary.ts';
import { CONNECT } from './socket-codec.ts';

const TYPES = ['connect', 'disconnect', 'event', 'ack', 'connect_error'];
const SECRET = /ticket|token|secret|passw|auth|^pid$/i;
const MAX_CHARS = 300;

/** Makes JSON fit to be read, and to be copied into a public question: binary as its length, secrets hidden. */
function readable(this: Record<string, unknown>, key: string, value: unknown): unknown {
  // Not `value`: some binary classes have a toJSON, which has been called by now.
  const raw = this[key] as object;
  if (raw && isBinary(raw)) return `<${raw.byteLength} B>`;
  if (raw instanceof Error) return raw.message;
  if (SECRET.test(key) || (key === 'data' && this.type === CONNECT)) return '***';
  return key === 'type' && this.nsp ? TYPES[value as number] : value;
}

/** One line of the log. @param about a packet, or what an event of the connection carries */
export const describe = (what: unknown, about: unknown): string =>
  `${what} ${JSON.stringify(about, readable) || ''}`.slice(0, MAX_CHARS);
