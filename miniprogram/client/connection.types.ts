import type { ConnectError, DisconnectReason } from './errors.ts';
import type { Packet } from './socket-codec.ts';

/** States of the transport; numbers, since the built client is counted in bytes. */
export const CLOSED = 0;
export const OPENING = 1;
export const IS_OPEN = 2;
export type State = 0 | 1 | 2;

/** A namespace as its connection uses it. */
export interface Namespace {
  /** Connected, or trying to be. */
  readonly active: boolean;
  _onOpen(): void;
  _onPacket(packet: Packet): void;
  _onError(error: Error): void;
  _onClose(reason: DisconnectReason, details?: unknown): void;
}

export interface ConnectionEvents {
  open: () => void;
  error: (error: ConnectError) => void;
  close: (reason: DisconnectReason, details?: unknown) => void;
  ping: () => void;
  packet: (packet: Packet) => void;
  reconnect_attempt: (attempt: number) => void;
  reconnect: (attempt: number) => void;
  reconnect_error: (error: ConnectError) => void;
  reconnect_failed: () => void;
  /** An event was dropped because a buffer was full. */
  drop: (nsp: string, event: unknown) => void;
}

/** Fields of the server's `open` packet. It is not validated: each may be missing or of another type. */
export interface Handshake {
  sid: string;
  /** Ms from one ping of the server to the next. */
  pingInterval: number;
  /** Ms that a ping may be late. */
  pingTimeout: number;
}
