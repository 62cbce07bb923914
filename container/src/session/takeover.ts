import { type ErrorCode, VoiceError } from '../../../contract/errors.ts';
import type { SessionRecord } from '../../../contract/records.ts';
import type { ServerEvents } from '../../../contract/stream.ts';

/** One client socket as the session sees it, whichever transport it uses. */
export interface ClientSocket {
  /** Of the connection, for the log. */
  readonly id: string;
  emit<E extends keyof ServerEvents>(event: E, ...args: Parameters<ServerEvents[E]>): void;
  /** Closes the transport (not only the namespace: that would keep the client from reconnecting). */
  close(): void;
}

/** How a session leaves a client. */
interface LeaveOutcome {
  /** What the client is told, if anything. */
  code?: ErrorCode;
  /** The transport closes, so that the client reconnects and finds what has become of its session. */
  close: boolean;
}

/**
 * Another client takes a session only where a person asked for it.
 * @param takeOver what `start` says: false where the client reconnects by itself
 * @throws VoiceError TAKEN_OVER
 */
export function checkTakeOver(ownerClientId: string, clientId: string, takeOver: boolean | undefined): void {
  if (ownerClientId !== clientId && takeOver === false) throw new VoiceError('TAKEN_OVER');
}

/** A new socket has come: the same client has reconnected, or another one has taken over. */
const replaceOutcome = (ownerClientId: string, clientId: string): LeaveOutcome =>
  ownerClientId === clientId ? { close: true } : { code: 'TAKEN_OVER', close: false };

/** A write was refused because the record is no longer this instance's; `now` is what the record is (null: gone). */
export function outcomeWhenFenced(
  now: SessionRecord | null,
  was: { epoch: number; clientId: string },
): LeaveOutcome {
  if (!now) return { code: 'SESSION_DELETED', close: false };
  // Our own cancel, seen by a write before its answer came.
  if (now.state === 'cancelled' && now.epoch === was.epoch) return { close: false };
  if (now.deletedAt) return { code: 'SESSION_DELETED', close: false };
  if (now.state === 'live') return replaceOutcome(now.clientId, was.clientId);
  return { close: true };
}

/** Which socket the session talks to: at most one. */
export class AttachedClient {
  private socket: ClientSocket | null = null;
  private client: string;
  private readonly sessionId: string;

  constructor(sessionId: string, clientId: string) {
    this.sessionId = sessionId;
    this.client = clientId;
  }

  get clientId(): string {
    return this.client;
  }

  get isAttached(): boolean {
    return this.socket !== null;
  }

  holds(socket: ClientSocket): boolean {
    return this.socket === socket;
  }

  /** Replaces an earlier socket. */
  attach(socket: ClientSocket, clientId: string): void {
    if (this.socket !== socket) this.leave(replaceOutcome(this.client, clientId));
    this.socket = socket;
    this.client = clientId;
  }

  /** @returns whether the session talked to `socket` */
  detach(socket: ClientSocket): boolean {
    if (this.socket !== socket) return false;
    this.socket = null;
    return true;
  }

  emit<E extends keyof ServerEvents>(event: E, ...args: Parameters<ServerEvents[E]>): void {
    this.socket?.emit(event, ...args);
  }

  emitError(code: ErrorCode): void {
    this.emit('error', { ...new VoiceError(code).toWire(), sessionId: this.sessionId });
  }

  /** Lets the socket go. */
  leave({ code, close }: LeaveOutcome): void {
    const { socket } = this;
    if (code) this.emitError(code);
    this.socket = null;
    if (close) socket?.close();
  }
}
