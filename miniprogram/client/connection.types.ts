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
  _receive(packet: Packet): void;
  _fail(error: Error): void;
  _end(reason: DisconnectReason, details?: unknown): void;
}

/** Events of the connection, which all of its namespaces share. */
export interface ConnectionEvents {
  /** The transport is open. */
  open: () => void;
  /** An attempt to open the transport failed. */
  error: (error: ConnectError) => void;
  /** The transport was lost, or closed. */
  close: (reason: DisconnectReason, details?: unknown) => void;
  /** The server asked whether the client is there. */
  ping: () => void;
  /** A packet of the server, of whichever namespace. */
  packet: (packet: Packet) => void;
  /** Connects again: attempt, from 1. */
  reconnect_attempt: (attempt: number) => void;
  /** Connected again, at this attempt. */
  reconnect: (attempt: number) => void;
  /** An attempt to connect again failed. */
  reconnect_error: (error: ConnectError) => void;
  /** No attempts are left. */
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
