/**
 * What went wrong:
 * - `transport`: no socket (unknown service, no network, base library too old), or it failed or was closed before the
 *   namespace answered; `context` is the runtime's own error
 * - `timeout`: no handshake, or no answer from the namespace, in time
 * - `refused`: the server refused the namespace (unknown, or a middleware rejected it); `data` is the server's `err.data`
 * - `auth`: the `auth` function threw or rejected
 * - `closed`: `disconnect()` was called while connecting
 */
export type ConnectErrorCode = 'transport' | 'timeout' | 'refused' | 'auth' | 'closed';

/** Why an attempt to connect failed. */
export interface ConnectError extends Error {
  /** What went wrong. */
  code: ConnectErrorCode;
  /** `refused`: the server's `err.data`. */
  data?: unknown;
  /** The runtime's own error: `{ errMsg }`, `{ code, reason }`, or what the dialer or `auth` threw. */
  context?: unknown;
}

export const connectError = (
  code: ConnectErrorCode,
  message: string,
  context?: unknown,
  data?: unknown,
): ConnectError => Object.assign(new Error(message), { code, context, data });

/** Why a connected namespace was lost. Only the first two are not followed by a reconnection. */
export type DisconnectReason =
  | 'io server disconnect'
  | 'io client disconnect'
  | 'ping timeout'
  | 'transport close'
  | 'transport error'
  | 'parse error'
  | 'forced close';
