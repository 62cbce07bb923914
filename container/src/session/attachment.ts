import { type ErrorCode, VoiceError } from '../../../contract/errors.ts';
import type { ServerEvents } from '../../../contract/stream.ts';
import type { ClientSocket } from './client-socket.ts';

/** The session's one attachment: at most one socket talks to it. */
export class Attachment {
  private peer: ClientSocket | null = null;
  private client: string;
  private readonly sessionId: string;

  constructor(sessionId: string, clientId: string) {
    this.sessionId = sessionId;
    this.client = clientId;
  }

  get clientId(): string {
    return this.client;
  }

  get isTaken(): boolean {
    return this.peer !== null;
  }

  holds(peer: ClientSocket): boolean {
    return this.peer === peer;
  }

  /** An earlier socket of the same client is closed without a word; another client's is told that it was ousted. */
  take(peer: ClientSocket, clientId: string): void {
    const old = this.peer;
    if (old && old !== peer) {
      if (clientId === this.client) old.close();
      else this.tell('TAKEN_OVER');
    }
    this.peer = peer;
    this.client = clientId;
  }

  /** @returns whether `peer` had the attachment */
  leave(peer: ClientSocket): boolean {
    if (this.peer !== peer) return false;
    this.peer = null;
    return true;
  }

  emit<E extends keyof ServerEvents>(event: E, ...args: Parameters<ServerEvents[E]>): void {
    this.peer?.emit(event, ...args);
  }

  tell(code: ErrorCode): void {
    this.emit('error', { ...new VoiceError(code).toWire(), sessionId: this.sessionId });
  }

  /** Empties the attachment; `close` also ends the transport, so that the client comes back to wherever the session is. */
  vacate({ close }: { close: boolean }): void {
    const { peer } = this;
    this.peer = null;
    if (close) peer?.close();
  }
}
