import { type Clock, systemClock } from './clock.ts';
import type { Dial, DialRequest, SocketTask } from './dialers/dial.ts';
import { decodeEngine, encodeEngine, type Handshake, parseHandshake } from './engine-codec.ts';
import { connectError, type DisconnectReason } from './errors.ts';

/** Longest delay that a timer takes; a larger number would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const NORMAL_CLOSURE = 1000;

export interface EngineOwner {
  onOpen(): void;
  onMessage(data: string | ArrayBuffer): void;
  onPing(): void;
  /** Told once, and not after `stop()`. */
  onEnd(reason: DisconnectReason, details?: unknown): void;
  log?: ((line: string) => void) | undefined;
}

/**
 * One Engine.IO session on one socket: dial, handshake, heartbeat, end. It lives once; whatever its socket still
 * says afterwards is not heard, so a late frame of an old socket cannot reach a new session.
 */
export class Engine {
  /** The server's id of this session, empty before the handshake. */
  id = '';
  /** Epoch ms after which the server is taken for dead: it pings, and only its pings count. */
  deadline = Infinity;
  /** False from a write to the end of that turn: what `volatile` asks. */
  writable = false;
  /** Bytes handed to the runtime and not yet reported as sent. */
  pendingBytes = 0;
  state: 'opening' | 'open' | 'closed' = 'opening';
  handshake?: Handshake;

  private task: SocketTask | undefined;
  private owner: EngineOwner;
  private clock: Clock;
  private timer: unknown;

  constructor(dial: Dial, request: DialRequest, owner: EngineOwner, clock: Clock = systemClock) {
    this.owner = owner;
    this.clock = clock;
    new Promise<SocketTask>((resolve) => resolve(dial(request)))
      .then((task) => this.attach(task))
      .catch((context) => this.fail('dial', context));
  }

  /** True where a ping is overdue though no timer said so: phones hold timers back. */
  get expired(): boolean {
    return this.clock.now() > this.deadline;
  }

  /** Sends one message frame. Header and attachments of one packet must be sent in one go. */
  send(data: string | ArrayBuffer): void {
    this.write(typeof data === 'string' ? encodeEngine('message', data) : data);
  }

  /** Ends the session and tells the owner. */
  end(reason: DisconnectReason, details?: unknown): void {
    if (this.stop()) this.owner.onEnd(reason, details);
  }

  /** Ends the session without a word. @returns false where it had ended */
  stop(): boolean {
    if (this.state === 'closed') return false;
    this.state = 'closed';
    this.writable = false;
    this.clock.clearTimeout(this.timer);
    if (this.task) closeTask(this.task);
    return true;
  }

  private attach(task: SocketTask): void {
    // The dial outlived the wish for it.
    if (this.state === 'closed') {
      closeTask(task);
      return;
    }
    this.task = task;
    task.onMessage((message) => this.receive(message.data));
    task.onClose(({ code, reason }) => this.end('transport close', { code, reason }));
    task.onError((event) => this.fail('transport', event));
  }

  private receive(frame: unknown): void {
    if (this.state === 'closed') return;
    const packet = decodeEngine(frame);
    if (packet.type === 'message' && this.state === 'open') this.owner.onMessage(packet.data);
    else if (packet.type === 'open' && this.state === 'opening') this.open(packet.data);
    else if (packet.type === 'ping') {
      this.write(encodeEngine('pong', ''));
      this.expectPing();
      this.owner.onPing();
    } else if (packet.type === 'close') this.end('transport close');
    else if (packet.type === 'error') this.fail('transport', { errMsg: 'unknown packet' });
  }

  private open(text: string): void {
    this.handshake = parseHandshake(text);
    if (!this.handshake) {
      this.fail('transport', { errMsg: 'bad handshake' });
      return;
    }
    this.id = this.handshake.sid;
    this.state = 'open';
    this.writable = true;
    this.expectPing();
    this.owner.onOpen();
  }

  private expectPing(): void {
    if (!this.handshake) return;
    const patience = Math.min(this.handshake.pingInterval + this.handshake.pingTimeout, MAX_TIMER_MS);
    this.deadline = this.clock.now() + patience;
    this.clock.clearTimeout(this.timer);
    this.timer = this.clock.setTimeout(() => this.end('ping timeout'), patience);
  }

  private write(data: string | ArrayBuffer): void {
    if (this.state !== 'open' || !this.task) return;
    const size = typeof data === 'string' ? data.length : data.byteLength;
    this.pendingBytes += size;
    if (this.writable) {
      this.writable = false;
      Promise.resolve().then(() => {
        this.writable = this.state === 'open';
      });
    }
    try {
      this.task.send({
        data,
        success: () => {
          this.pendingBytes -= size;
        },
        fail: (event) => this.fail('transport', event),
      });
    } catch (context) {
      this.fail('transport', context);
    }
  }

  private fail(code: 'dial' | 'transport', context: unknown): void {
    this.end('transport error', connectError(code, 'websocket error', { context }));
  }
}

function closeTask(task: SocketTask): void {
  try {
    task.close({ code: NORMAL_CLOSURE });
  } catch (_) {
    // Closed already: that is what was wanted.
  }
}
