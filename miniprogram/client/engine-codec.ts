/**
 * Engine.IO v4 over WebSocket alone: one packet a frame, a text frame begins with its type digit, a binary frame is
 * the payload of a message (Engine.IO protocol v4, "Packet encoding", "WebSocket").
 */
export const OPEN = 0;
export const CLOSE = 1;
export const PING = 2;
export const PONG = 3;
export const MESSAGE = 4;
/** The last type; like 5, `upgrade`, it means nothing where there is only one transport. */
export const NOOP = 6;

/** Character code of `0`. */
export const ZERO = 48;

/**
 * One of the constants above; NaN or another number for what is no packet of this protocol. Whatever is not a string is taken for
 * binary: see `binary.ts` for why nothing closer is asked.
 */
export const engineType = (frame: unknown): number =>
  typeof frame === 'string' ? frame.charCodeAt(0) - ZERO : MESSAGE;
