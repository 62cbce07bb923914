import { Decoder, Encoder, type Packet, PacketType } from 'socket.io-parser';
import { ERRORS, type ErrorCode, type WireError } from '../contract/errors.ts';
import { NAMESPACE } from '../contract/stream.ts';
import type { Random } from '../lib/random.ts';
import type { SocketTask } from '../miniprogram/client/dialers/dial.ts';
import type { Link } from './network.ts';
import { EPOCH_MS, type Scheduler, SimulatedHost } from './scheduler.ts';
import { HOSTILE_OPENID, ticketOf } from './tickets.ts';

/**
 * `malformed`: events that nobody should send; `flood`: much more audio than anybody speaks; `starts`: sessions without end;
 * `tickets`: none, expired ones, ones that are not tickets; `foreign`: somebody else's recording; `old`: as published examples
 * speak, without a handshake ticket, and gone without a word.
 */
export const ABUSES = ['malformed', 'flood', 'starts', 'tickets', 'foreign', 'old'] as const;
export type Abuse = (typeof ABUSES)[number];

/** It cannot be part of a URL. */
const HALF_EMOJI = { word: '\ud83d', weight: 10 };
/** Between two events, ms. */
const EVERY_MS = 60;
/** Between the end of a connection and the next, ms. */
const AGAIN_MS = 500;
/** The service closes a connection without a ticket within 10 s; the network takes its time. */
const STRANGER_CLOSED_MS = 20_000;

export interface AbuserInit {
  name: string;
  scheduler: Scheduler;
  random: Random;
  linkFor: (party: SimulatedHost) => Link;
  /** A recording of somebody else that has begun; ids are random, so nobody knows one before. */
  victim: () => string | undefined;
  /** Whether an instance stood still at some time since then, ms of the scheduler. */
  wasPausedSince: (atMs: number) => boolean;
  log: (line: string) => void;
  broken: (rule: string, detail: string) => void;
}

/** A hostile client: it speaks the protocol with the official parser, and means no good. */
export class Abuser {
  readonly party: SimulatedHost;
  readonly #init: AbuserInit;
  readonly #link: Link;
  readonly #encoder = new Encoder();
  readonly #abuse: Abuse;
  readonly #counts = new Map<string, number>();
  #task: SocketTask | undefined;
  #decoder = new Decoder();
  #over = false;
  #pos = 0;
  #ids = 0;
  #sent = 0;

  /** @param ms how long it goes on */
  constructor(init: AbuserInit, abuse: Abuse, ms: number) {
    this.#init = init;
    this.#abuse = abuse;
    this.party = new SimulatedHost(init.name, init.scheduler);
    this.#link = init.linkFor(this.party);
    this.#connect();
    this.party.after(ms, () => this.#leave());
  }

  #leave(): void {
    this.#over = true;
    const counts = [...this.#counts].map(([code, count]) => `${code} ${count}`).join(', ');
    this.#init.log(`${this.party.name} ${this.#abuse} ends after ${this.#sent} events: ${counts}`);
    // Half of them go without a word.
    if (this.#init.random.chance(0.5)) this.#task?.close({});
    this.party.kill();
    this.#init.scheduler.schedule(0, () => this.#link.drop());
  }

  #connect(): void {
    if (this.#over) return;
    this.#link.connect().then(
      (task) => this.#opened(task),
      () => this.#again(),
    );
  }

  #again(): void {
    this.#task = undefined;
    this.party.after(AGAIN_MS, () => this.#connect());
  }

  #opened(task: SocketTask): void {
    this.#task = task;
    this.#decoder = new Decoder();
    this.#decoder.on('decoded', (packet: Packet) => this.#answered(packet));
    this.#pos = 0;
    let isOpen = true;
    task.onMessage(({ data }) => {
      if (typeof data !== 'string') this.#decoder.add(Buffer.from(data as ArrayBuffer));
      else if (data[0] === '4') this.#decoder.add(data.slice(1));
      else if (data[0] === '2') task.send({ data: '3' });
    });
    task.onClose(() => {
      isOpen = false;
      if (task === this.#task) this.#again();
    });
    const ticket = this.#ticket();
    this.#packet({ type: PacketType.CONNECT, nsp: NAMESPACE, data: ticket === undefined ? {} : { ticket } });
    if (this.#abuse === 'tickets') this.#expectClosed(() => isOpen);
    // Without a ticket half of them say nothing at all.
    if (this.#abuse !== 'tickets' || this.#init.random.chance(0.5)) this.#goOn(task);
  }

  /** A process that stands still closes nothing: it has the time again when it goes on. */
  #expectClosed(isOpen: () => boolean): void {
    const fromMs = this.#init.scheduler.nowMs;
    this.party.after(STRANGER_CLOSED_MS, () => {
      if (!isOpen()) return;
      if (this.#init.wasPausedSince(fromMs)) this.#expectClosed(isOpen);
      else this.#init.broken('strangers are closed', `${this.party.name} is still connected`);
    });
  }

  #goOn(task: SocketTask): void {
    this.party.after(EVERY_MS, () => {
      if (this.#over || task !== this.#task) return;
      this.#sent += 1;
      this.#act();
      this.#goOn(task);
    });
  }

  #ticket(): unknown {
    const now = EPOCH_MS + this.#init.scheduler.nowMs;
    if (this.#abuse === 'old') return undefined;
    if (this.#abuse !== 'tickets') return ticketOf(HOSTILE_OPENID, now + 600_000);
    return this.#init.random.pick([
      undefined,
      '',
      ticketOf(HOSTILE_OPENID, now - 86_400_000),
      'nonsense',
      42,
      { a: 1 },
    ]);
  }

  #act(): void {
    const acts: Record<Abuse, () => void> = {
      malformed: () => this.#malformed(),
      flood: () => this.#flood(),
      starts: () => this.#event('start', [this.#startRequest(this.#newId())], true),
      tickets: () =>
        this.#event('start', [{ ...this.#startRequest(this.#newId()), token: 'nonsense' }], true),
      foreign: () => this.#foreign(),
      old: () => this.#old(),
    };
    acts[this.#abuse]();
  }

  #newId(): string {
    this.#ids += 1;
    return `${this.party.name}-${this.#ids}`;
  }

  #startRequest = (sessionId: string) => ({
    sessionId,
    clientId: 'client-hostile',
    engine: '16k_zh',
    sampleRate: 16_000,
  });

  #malformed(): void {
    const { random } = this.#init;
    const values: unknown[] = [
      null,
      -1,
      1e308,
      2 ** 53,
      'x'.repeat(200),
      [],
      {},
      true,
      { toString: 1 },
      '__proto__',
    ];
    const value = () => random.pick(values);
    const acts = [
      () =>
        this.#event(
          random.pick(['__proto__', 'constructor', 'hasOwnProperty', '', 'START']),
          [value()],
          true,
        ),
      () => this.#event('start', [value()], random.chance(0.5)),
      () => this.#event('start', [{ ...this.#startRequest(this.#newId()), hotwords: [HALF_EMOJI] }], true),
      () =>
        this.#event(
          'start',
          [
            {
              ...this.#startRequest(this.#newId()),
              [random.pick(['sampleRate', 'engine', 'hotwords', 'resume', 'sessionId'])]: value(),
            },
          ],
          true,
        ),
      () => this.#event('audio', [value(), new Uint8Array(random.int(0, 9))], false),
      () => this.#event('audio', [value()], false),
      () =>
        this.#event('audio', [0, new Uint8Array(random.int(0, 9)), random.pick(['adpcm', value()])], false),
      () => this.#event('skip', [{ fromPos: value(), toPos: value(), reason: value() }], true),
      () => this.#event('stop', [{ endPos: value() }], true),
      () => this.#event('cancel', [value()], true),
      () => this.#event('stop', [{ endPos: -1 }], true),
      // Not even packets.
      () =>
        this.#raw(random.pick(['4', '42', '4{', '42["start"', '9', '451-["audio"', `42${NAMESPACE},["a"]`])),
    ];
    random.pick(acts)();
  }

  #flood(): void {
    if (this.#pos === 0) this.#event('start', [this.#startRequest(this.#newId())], true);
    // Two seconds of near silence: it is of no speaker.
    const samples = new Int16Array(32_000).fill(3);
    for (let frame = 0; frame < 4; frame++) {
      this.#event('audio', [this.#pos, new Uint8Array(samples.buffer)], false);
      this.#pos += samples.length;
    }
  }

  #foreign(): void {
    const { random, victim } = this.#init;
    const sessionId = victim();
    if (sessionId === undefined) return;
    const resume = random.pick([undefined, { haveIndex: -1 }, { haveIndex: 3, takeOver: true }]);
    const request = { ...this.#startRequest(sessionId), ...(resume && { resume }) };
    const acts = [
      () => this.#event('start', [request], true),
      () => this.#event('start', [request], true),
      () => this.#event('stop', [{ sessionId, endPos: 0 }], true),
      () => this.#event('cancel', [{ endPos: -1 }], true),
      () => this.#event('audio', [0, new Uint8Array(3_200)], false),
    ];
    random.pick(acts)();
  }

  /** A session that nobody can resume: the token comes with `start`, audio has no position. */
  #old(): void {
    if (this.#pos === 0) {
      const token = ticketOf(HOSTILE_OPENID, EPOCH_MS + this.#init.scheduler.nowMs + 600_000);
      this.#event('start', [{ engine: '16k_zh', sampleRate: 16_000, token, userId: 'o1' }], true);
    }
    this.#pos += 1;
    this.#event('audio', [new Uint8Array(1_921)], false);
  }

  #event(event: string, args: unknown[], answered: boolean): void {
    this.#packet({
      type: PacketType.EVENT,
      nsp: NAMESPACE,
      data: [event, ...args],
      ...(answered && { id: this.#sent }),
    });
  }

  #packet(packet: Packet): void {
    for (const part of this.#encoder.encode(packet))
      this.#raw(typeof part === 'string' ? `4${part}` : new Uint8Array(part).buffer);
  }

  #raw(data: string | ArrayBuffer): void {
    this.#task?.send({ data });
  }

  /** Whatever it is told must be an answer, or an error with a stable code. */
  #answered({ type, data }: Packet): void {
    const told = data as { error?: unknown; data?: unknown; 0?: unknown; 1?: unknown } | undefined;
    if (type === PacketType.CONNECT_ERROR) this.#checkError(told?.data);
    else if (type === PacketType.ACK) {
      const answer = told?.[0] as { error?: unknown; sessionId?: unknown } | undefined;
      if (answer?.error !== undefined) this.#checkError(answer.error);
      else this.#count('ok');
    } else if (type === PacketType.EVENT && told?.[0] === 'error') this.#checkError(told[1]);
  }

  #checkError(error: unknown): void {
    const { code, message, retriable } = (error ?? {}) as Partial<WireError>;
    this.#count(String(code));
    const known = code !== undefined && Object.hasOwn(ERRORS, code) ? ERRORS[code as ErrorCode] : undefined;
    const isStable =
      known && known.message === message && known.retriable === retriable && code !== 'INTERNAL';
    if (!isStable) this.#init.broken('errors have stable codes', `${this.#abuse}: ${JSON.stringify(error)}`);
  }

  #count(code: string): void {
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
  }
}
