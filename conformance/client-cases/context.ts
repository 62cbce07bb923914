import { decodeAdpcm } from '../../lib/ima-adpcm.ts';
import { counted, RATE_HZ, samplesOf } from '../audio.ts';
import type { Case } from '../case.ts';
import { Mismatch, that } from '../check.ts';
import type { Data } from '../driver/connection.ts';
import type { Prepared } from '../run.ts';
import type { ClientAdapter, ClientUnderTest } from './adapter.ts';
import type { Peer, Said } from './peer.ts';
import { ScriptedServer, type ScriptOptions } from './scripted-server.ts';

/** 100 ms, as a recorder gives it. */
const PUSHED_SAMPLES = 1_600;
/** Far ahead of everything. */
const NO_LIMIT = 1_000_000_000;
const STATE_WITHIN_MS = 20_000;
const POLL_MS = 20;

/** Audio that came on one connection. */
export interface Frame {
  pos: number;
  samples: number;
  encoding: string;
  bytes: number;
}

/** A server that behaves, until the case says otherwise. */
export class Session {
  sessionId = '';
  nextPos = 0;
  committedPos = 0;
  limitPos = NO_LIMIT;
  nextIndex = 0;
  settledIndex = -1;
  /** Whether `progress` is sent for each frame. */
  confirms = true;
  /** Answered by itself. */
  answersStop = true;
  limits = { maxFrameBytes: 64_000, creditMs: 30_000, ringMs: 120_000 };
  encodings: readonly string[] = [];
  readonly frames = new Map<Peer, Frame[]>();

  /** Waits for `start`, and answers it. @param changes of the answer */
  async accept(peer: Peer, changes: Data = {}): Promise<Said> {
    const start = await peer.next('start');
    this.sessionId = String(start.payload.sessionId);
    this.nextPos = Number(changes.nextPos ?? this.nextPos);
    this.frames.set(peer, []);
    peer.onSaid = (said) => this.#said(peer, said);
    start.answer({
      ...this.#watermarks(),
      state: 'live',
      nextIndex: this.nextIndex,
      limits: this.limits,
      ...this.#taken(start),
      ...changes,
    });
    if ((changes.state ?? 'live') === 'live')
      peer.emit('ready', { sessionId: this.sessionId, nextPos: this.nextPos });
    return start;
  }

  progress(peer: Peer, changes: Data = {}): void {
    peer.emit('progress', { ...this.#watermarks(), ...changes });
  }

  result(peer: Peer, index: number, text: string, final: boolean, changes: Data = {}): void {
    const times = { startMs: index * 1_000, endMs: index * 1_000 + 900 };
    peer.emit('result', { sessionId: this.sessionId, index, text, final, ...times, ...changes });
    if (final) this.nextIndex = Math.max(this.nextIndex, index + 1);
  }

  /** Everything up to `index` is stored. */
  settle(peer: Peer, index: number, committedPos = this.committedPos): void {
    this.settledIndex = index;
    this.committedPos = committedPos;
    this.progress(peer);
  }

  stopAnswer(endPos = this.nextPos): { id: string; sentences: number; durationMs: number } {
    return {
      id: this.sessionId,
      sentences: this.nextIndex,
      durationMs: Math.round((endPos * 1_000) / RATE_HZ),
    };
  }

  completed(peer: Peer, state = 'completed'): void {
    peer.emit('completed', { sessionId: this.sessionId, ...this.stopAnswer(), state });
  }

  framesOf(peer: Peer): Frame[] {
    return this.frames.get(peer) ?? [];
  }

  /** Audio up to `pos` has come on that connection. */
  async received(peer: Peer, pos: number, withinMs?: number): Promise<void> {
    await peer.until(`audio up to ${pos}`, () => (this.nextPos >= pos ? true : undefined), withinMs);
  }

  #taken({ payload }: Said): Data {
    const offered = Array.isArray(payload.encodings) ? (payload.encodings as string[]) : [];
    const encodings = this.encodings.filter((one) => offered.includes(one));
    return encodings.length > 0 ? { encodings } : {};
  }

  #watermarks(): Data {
    const { sessionId, nextPos, committedPos, limitPos, settledIndex } = this;
    return { sessionId, nextPos, committedPos, limitPos, settledIndex };
  }

  #said(peer: Peer, { event, frame, payload, answer }: Said): void {
    if (frame) this.#audio(peer, frame);
    else if (event === 'skip') {
      this.nextPos = Math.max(this.nextPos, Number(payload.toPos));
      answer({ nextPos: this.nextPos });
    } else if (event === 'stop' && this.answersStop) {
      const ended = this.stopAnswer(Number(payload.endPos ?? this.nextPos));
      this.completed(peer);
      answer(ended);
    } else if (event === 'cancel' && this.answersStop) answer({ ok: true });
  }

  #audio(peer: Peer, { pos, bytes, encoding }: NonNullable<Said['frame']>): void {
    const from = pos ?? this.nextPos;
    const pcm = encoding === 'adpcm' ? undefined : bytes;
    const samples = pcm ? samplesOf(pcm) : decodeAdpcm(bytes).length;
    this.framesOf(peer).push({ pos: from, samples, encoding, bytes: bytes.byteLength });
    if (pcm && !equalBytes(pcm, counted(from, samples)))
      this.spoilt ??= `audio at ${from} is not what was recorded`;
    if (from > this.nextPos) this.spoilt ??= `a gap: audio at ${from} where ${this.nextPos} is due`;
    else this.nextPos = Math.max(this.nextPos, from + samples);
    if (this.confirms) this.progress(peer);
  }

  /** What was wrong with the audio, if anything. */
  spoilt: string | undefined;
}

const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

export interface ClientContext {
  readonly server: ScriptedServer;
  readonly session: Session;
  readonly adapter: ClientAdapter;
  /** The client, made at the first use. */
  readonly client: ClientUnderTest;
  /** One more recording of the same kind of client. */
  another(): ClientUnderTest;
  /** The client records `ms` more of audio that differs at every position. */
  record(ms: number): void;
  /** All that was recorded so far, samples. */
  readonly recordedPos: number;
  /** Begins a recording that the server accepts. */
  begin(): Promise<Peer>;
  /** The client's next connection, accepted. @param changes of the answer to `start` */
  resumed(changes?: Data): Promise<Peer>;
  /** How the client's pages look to its user, once it is so. */
  shows(what: string, holds: () => boolean, seen: () => unknown): Promise<void>;
  /** The lines that are shown, once they are these. */
  showsLines(...texts: string[]): Promise<void>;
}

export interface ClientCaseExtras {
  ringMs?: number;
  pings?: ScriptOptions;
}

export type ClientCase = Case<ClientContext> & ClientCaseExtras;

const PINGS: ScriptOptions = { pingMs: 10_000, pongMs: 10_000 };

/** A case's context: a server of its own, and a client that is not made yet. */
export function prepareClientCase(adapter: ClientAdapter, one: ClientCase): Prepared<ClientContext> {
  const server = new ScriptedServer(one.pings ?? PINGS);
  const session = new Session();
  const clients: ClientUnderTest[] = [];
  let tickets = 0;
  let recordedPos = 0;
  const another = (): ClientUnderTest => {
    const fetchTicket = async (): Promise<string> => `ticket-${++tickets}`;
    const made = adapter.createClient({ url: server.url, fetchTicket, ringMs: one.ringMs });
    clients.push(made);
    return made;
  };
  const shows = async (what: string, holds: () => boolean, seen: () => unknown): Promise<void> => {
    const untilMs = performance.now() + STATE_WITHIN_MS;
    // the adapter has no events, so that it stays small
    while (!holds()) {
      if (performance.now() > untilMs) throw new Mismatch(what, 'that', seen());
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  };
  const context: ClientContext = {
    server,
    session,
    adapter,
    another,
    shows,
    get client() {
      return clients[0] ?? another();
    },
    get recordedPos() {
      return recordedPos;
    },
    record(ms) {
      const untilPos = recordedPos + (ms * RATE_HZ) / 1_000;
      for (; recordedPos < untilPos; recordedPos += PUSHED_SAMPLES)
        context.client.push(counted(recordedPos, PUSHED_SAMPLES));
    },
    async begin() {
      void context.client.start().catch(() => {});
      return context.resumed();
    },
    async resumed(changes) {
      const peer = await server.connection();
      await session.accept(peer, changes);
      return peer;
    },
    showsLines: (...texts) => {
      const shown = () => context.client.lines().map(({ text }) => text);
      return shows(`it shows ${JSON.stringify(texts)}`, () => `${shown()}` === `${texts}`, shown);
    },
  };
  return {
    context,
    before: () => server.listen(),
    release: () => {
      for (const client of clients) client.dispose();
      server.close();
    },
    after: () => that('the audio', session.spoilt === undefined, session.spoilt),
  };
}
