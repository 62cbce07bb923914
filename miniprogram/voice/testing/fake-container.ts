import { type ErrorCode, VoiceError } from '../../../contract/errors.ts';
import {
  BYTES_PER_SAMPLE,
  CREDIT_MS,
  MAX_FRAME_BYTES,
  msToSamples,
  PROGRESS_MS,
} from '../../../contract/limits.ts';
import type { AudioEncoding, StartRequest } from '../../../contract/stream.ts';
import { type Clock, sleep } from '../../../lib/clock.ts';
import { decodeAdpcm } from '../../../lib/ima-adpcm.ts';
import type { Dial, SocketTask } from '../../client/dialers/dial.ts';
import { engineType, MESSAGE, OPEN } from '../../client/engine-codec.ts';
import {
  ACK,
  CONNECT,
  createDecoder,
  DISCONNECT,
  EVENT,
  encodePacket,
  type Packet,
} from '../../client/socket-codec.ts';
import type { Range } from '../session/ring.ts';
import { RATE_HZ } from './audio.ts';
import { FakeSession, type Stored } from './fake-session.ts';

type Ack = (answer: unknown) => void;
type AudioArguments = [pos: number, frame: ArrayBuffer, encoding?: AudioEncoding];

const NSP = '/realtime-voice';
/** Socket.IO protocol v5: the answer to a refused CONNECT. */
const CONNECT_ERROR = 4;
/** So long that no heartbeat is needed, ms. */
const PING_INTERVAL_MS = 1e9;

/** One connection as the container sees it: a socket, and the packets on it. */
class Wire {
  state: 'dialling' | 'open' | 'closed' = 'dialling';
  /** Half open: nothing passes, nobody notices. */
  stalled = false;
  sessionId: string | null = null;
  /** Where the client listens. */
  message: (message: { data: unknown }) => void = () => {};
  closed: (event: { code: number; reason: string }) => void = () => {};
  readonly decoder = createDecoder();
  /** When the newest message of each direction arrives: a later one never overtakes it, even if the latency shrinks. */
  readonly #arrivals = { up: 0, down: 0 };

  /** Calls `deliver` when a message that is sent now arrives. */
  carry(direction: 'up' | 'down', clock: Clock, latencyMs: number, deliver: () => void): void {
    const arrivesAt = Math.max(clock.now() + latencyMs, this.#arrivals[direction]);
    this.#arrivals[direction] = arrivesAt;
    clock.after(arrivesAt - clock.now(), deliver);
  }

  send(packet: Packet): void {
    const attachments: ArrayBuffer[] = [];
    this.message({ data: encodePacket(packet, attachments) });
  }
}

/**
 * A container in the small, with a database behind it. It speaks Socket.IO over the sockets that it gives out, so the client
 * under the session is the real one. It is strict: whatever the streaming contract forbids is put down in `violations`.
 */
export class FakeContainer {
  readonly violations: string[] = [];
  readonly sessions = new Map<string, Stored>();
  /** Every `start` that arrived. */
  readonly starts: StartRequest[] = [];
  /** Every audio frame that arrived. */
  readonly frames: { pos: number; samples: number; encoding: AudioEncoding }[] = [];
  /** What it takes besides PCM. */
  encodings: AudioEncoding[] = [];
  readonly dials: string[] = [];
  latencyMs = 20;
  reachable = true;
  /** Acknowledgements that get lost, with their connection, after the deed was done. */
  readonly lostAcks = new Set<string>();
  /** Refusals to come: of connections (`dial`), or of an event. */
  readonly refusals: { event: string; code: ErrorCode; retryAfterMs?: number }[] = [];
  /** Samples that the recogniser takes in a second. */
  paceHz = Number.POSITIVE_INFINITY;
  creditSamples = msToSamples(CREDIT_MS, RATE_HZ);
  /** Falsifies the answer to the next starts, one each. */
  readonly staleAnswers: object[] = [];
  readonly #clock: Clock;
  readonly #wires = new Set<Wire>();
  /** Sessions in this instance's memory. Gone after `restart`. */
  #live = new Map<string, FakeSession>();
  /** Progress is sent only where something changed. */
  readonly #lastProgress = new Map<string, string>();
  /** The connection that speaks for a session. */
  readonly #owners = new Map<string, Wire>();

  constructor(clock: Clock) {
    this.#clock = clock;
    const tick = () => {
      for (const [id, session] of this.#live) this.#tick(id, session);
      clock.after(PROGRESS_MS, tick);
    };
    clock.after(PROGRESS_MS, tick);
  }

  readonly dial: Dial = async () => {
    const wire = new Wire();
    if (!this.reachable) {
      await sleep(this.#clock, this.latencyMs);
      throw { errMsg: 'websocket error' };
    }
    this.#wires.add(wire);
    const times = { pingInterval: PING_INTERVAL_MS, pingTimeout: PING_INTERVAL_MS };
    this.#clock.after(0, () =>
      wire.message({ data: `${OPEN}${JSON.stringify({ sid: 'engine', upgrades: [], ...times })}` }),
    );
    return {
      onMessage: (fn) => {
        wire.message = (message) => wire.state !== 'closed' && fn(message);
      },
      onClose: (fn) => {
        wire.closed = fn;
      },
      onError: () => {},
      send: ({ data }) => this.#frame(wire, data),
      close: () => this.#forget(wire),
    } satisfies SocketTask;
  };

  /** Cuts every connection. What is on its way is lost. */
  drop(reason = 'transport close'): void {
    for (const wire of [...this.#wires]) if (wire.state === 'open') this.#cut(wire, reason);
  }

  /** Every connection goes half open. */
  stall(): void {
    for (const wire of this.#wires) wire.stalled = true;
  }

  /** Another instance: what was received but not committed is not there. */
  restart(): void {
    this.#live = new Map();
    this.drop();
  }

  /** Sends an event on every open connection. */
  send(event: string, payload: unknown): void {
    for (const wire of this.#wires) this.#event(wire, event, payload);
  }

  /** Another device goes on with the session. */
  takeOver(sessionId: string): void {
    const stored = this.sessions.get(sessionId);
    if (stored) stored.clientId = 'another-client';
    const error = new VoiceError('TAKEN_OVER').toWire();
    for (const wire of this.#wires)
      if (wire.sessionId === sessionId) this.#event(wire, 'error', { ...error, sessionId });
  }

  /** One frame of the client. */
  #frame(wire: Wire, frame: string | ArrayBuffer): void {
    const packet = engineType(frame) === MESSAGE ? wire.decoder(frame) : undefined;
    if (!packet) return;
    const args = packet.data as unknown[];
    if (packet.type === CONNECT) {
      wire.carry('up', this.#clock, this.latencyMs, () =>
        this.#accept(wire, packet.data as { ticket: string }),
      );
    } else if (packet.type === EVENT) {
      const { id } = packet;
      const event = String(args[0]);
      this.#sent(wire, event, args.slice(1), (answer) => this.#acknowledge(wire, event, id, answer));
    } else if (packet.type === DISCONNECT) {
      this.#forget(wire);
    }
  }

  #accept(wire: Wire, { ticket }: { ticket: string }): void {
    if (wire.state !== 'dialling') return;
    this.dials.push(ticket);
    const refusal = this.#takeRefusal('dial');
    if (!this.reachable) {
      this.#cut(wire, 'websocket error');
    } else if (refusal) {
      wire.send({ type: CONNECT_ERROR, nsp: NSP, data: { message: refusal.code, data: refusal } });
      this.#forget(wire);
    } else {
      wire.state = 'open';
      wire.send({ type: CONNECT, nsp: NSP, data: { sid: 'socket' } });
    }
  }

  #acknowledge(wire: Wire, event: string, id: number | undefined, answer: unknown): void {
    if (this.lostAcks.delete(event)) this.#cut(wire, 'transport close');
    else this.#later(wire, () => wire.send({ type: ACK, nsp: NSP, id, data: [answer] }));
  }

  #takeRefusal(event: string) {
    const at = this.refusals.findIndex((refusal) => refusal.event === event);
    const [refusal] = at < 0 ? [] : this.refusals.splice(at, 1);
    if (!refusal) return null;
    const { code, retryAfterMs } = refusal;
    return new VoiceError(code, retryAfterMs === undefined ? {} : { retryAfterMs }).toWire();
  }

  #sent(wire: Wire, event: string, args: unknown[], ack: Ack): void {
    if (wire.state !== 'open') this.violations.push(`${event} while ${wire.state}`);
    wire.carry('up', this.#clock, this.latencyMs, () => {
      if (wire.state === 'open' && !wire.stalled) this.#receive(wire, event, args, ack);
    });
  }

  #receive(wire: Wire, event: string, args: unknown[], ack: Ack): void {
    const refusal = this.#takeRefusal(event);
    const sessionId = wire.sessionId ?? '';
    const session = this.#owners.get(sessionId) === wire ? this.#live.get(sessionId) : undefined;
    if (refusal) ack({ error: refusal });
    else if (event === 'start') this.#start(wire, args[0] as StartRequest, ack);
    else if (!session) this.violations.push(`${event} before start was answered`);
    else if (event === 'audio') this.#audio(session, ...(args as AudioArguments));
    else if (event === 'skip') ack(session.skip(args[0] as Range));
    else if (event === 'stop') session.stop((args[0] as { endPos: number }).endPos, ack);
    else if (event === 'cancel') this.#cancel(sessionId, ack);
    else this.violations.push(`unknown event ${event}`);
  }

  #start(wire: Wire, request: StartRequest, ack: Ack): void {
    const { sessionId = '', clientId = '', resume } = request;
    if (wire.sessionId !== null) this.violations.push('two starts on one connection');
    if (!resume && this.sessions.has(sessionId)) this.violations.push('a second first start');
    this.starts.push(request);
    const fresh: Stored = { clientId, state: 'live', texts: [], committedPos: 0, losses: [], samples: 0 };
    const stored = this.sessions.get(sessionId) ?? fresh;
    if (stored.clientId !== clientId && !resume?.takeOver) {
      ack({ error: new VoiceError('TAKEN_OVER').toWire() });
      return;
    }
    stored.clientId = clientId;
    this.sessions.set(sessionId, stored);
    wire.sessionId = sessionId;
    this.#owners.set(sessionId, wire);
    const session = this.#live.get(sessionId) ?? this.#load(sessionId, stored);
    ack({
      sessionId,
      state: stored.state,
      ...session.positions,
      nextIndex: stored.texts.length,
      limits: { maxFrameBytes: MAX_FRAME_BYTES, creditMs: CREDIT_MS, ringMs: 120_000 },
      ...(this.encodings.length > 0 && { encodings: this.encodings }),
      ...this.staleAnswers.shift(),
    });
    session.resume(resume?.haveIndex ?? -1);
  }

  #load(sessionId: string, stored: Stored): FakeSession {
    const session = new FakeSession(sessionId, stored, {
      send: (event, payload) => {
        const wire = this.#owners.get(sessionId);
        if (wire) this.#event(wire, event, payload);
      },
      violation: (text) => this.violations.push(text),
      creditSamples: () => this.creditSamples,
      paceHz: () => this.paceHz,
    });
    this.#live.set(sessionId, session);
    return session;
  }

  #cancel(sessionId: string, ack: Ack): void {
    this.sessions.delete(sessionId);
    this.#live.delete(sessionId);
    ack({ ok: true });
  }

  /** Once a second: the recogniser hears on, and tells how far it has come. */
  #tick(sessionId: string, session: FakeSession): void {
    if (session.stored.state === 'live') session.hear(PROGRESS_MS);
    const wire = this.#owners.get(sessionId);
    const progress = { sessionId, ...session.positions };
    const text = JSON.stringify(progress);
    if (!wire || text === this.#lastProgress.get(sessionId)) return;
    this.#lastProgress.set(sessionId, text);
    this.#event(wire, 'progress', progress);
  }

  #event(wire: Wire, event: string, payload: unknown): void {
    this.#later(wire, () => wire.send({ type: EVENT, nsp: NSP, data: [event, payload] }));
  }

  #later(wire: Wire, deliver: () => void): void {
    wire.carry('down', this.#clock, this.latencyMs, () => {
      if (wire.state === 'open' && !wire.stalled) deliver();
    });
  }

  #audio(session: FakeSession, ...[pos, frame, encoding = 'pcm']: AudioArguments): void {
    if (encoding !== 'pcm' && !this.encodings.includes(encoding))
      this.violations.push(`${encoding} is not taken`);
    const pcm = encoding === 'adpcm' ? (decodeAdpcm(new Uint8Array(frame)).buffer as ArrayBuffer) : frame;
    this.frames.push({ pos, samples: pcm.byteLength / BYTES_PER_SAMPLE, encoding });
    session.audio(pos, pcm);
  }

  #cut(wire: Wire, reason: string): void {
    if (wire.state === 'closed') return;
    this.#forget(wire);
    wire.closed({ code: 1006, reason });
  }

  #forget(wire: Wire): void {
    wire.state = 'closed';
    this.#wires.delete(wire);
    if (this.#owners.get(wire.sessionId ?? '') === wire) this.#owners.delete(wire.sessionId ?? '');
  }
}
