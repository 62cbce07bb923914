import { isBinary } from './binary.ts';
import { CONNECT, type Packet } from './socket-codec.ts';

const NAMES = ['CONNECT', 'DISCONNECT', 'EVENT', 'ACK', 'CONNECT_ERROR'];
const SECRET = /ticket|token|secret|password|auth|^pid$/i;
const MAX_CHARS = 300;

/** Binary as its length, secrets hidden: what is logged may be copied into a public question. */
function hide(this: unknown, key: string, value: unknown): unknown {
  // Before JSON's own toJSON, which some binary classes have.
  const raw = (this as Record<string, unknown>)[key];
  if (typeof raw === 'object' && raw && isBinary(raw)) return `<${raw.byteLength} B>`;
  return SECRET.test(key) ? '***' : value;
}

/** One readable line for a packet. Of a CONNECT only the names are told, whatever they are. */
export function describePacket(direction: '→' | '←', { type, nsp, id, data }: Packet): string {
  const shown =
    type === CONNECT && direction === '→'
      ? Object.keys(data || {}).join(' ')
      : data === undefined
        ? ''
        : JSON.stringify(data, hide);
  const text = shown.length > MAX_CHARS ? `${shown.slice(0, MAX_CHARS)}…` : shown;
  return `${direction} ${NAMES[type]} ${nsp}${id === undefined ? '' : ` #${id}`} ${text}`;
}
