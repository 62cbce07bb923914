import { TICKET_TTL_MS } from '../contract/limits.ts';
import type { Random } from '../lib/random.ts';
import { type CreateClient, containerClient } from '../miniprogram/services/container-connection.ts';
import { type PendingOutcome, resumePending } from '../miniprogram/services/pending.ts';
import type { FileStore } from '../miniprogram/services/saved-recordings.ts';
import { StreamingSession, type VoiceSessionDeps } from '../miniprogram/services/streaming-session.ts';
import { TicketCache } from '../miniprogram/services/ticket.ts';
import type { Line } from '../miniprogram/services/voice-session.types.ts';
import { ticketOf } from './instance.ts';
import type { Link } from './network.ts';
import { type Scheduler, SimulatedHost } from './scheduler.ts';
import { audioOf, type SpokenWord } from './speech.ts';

/** Length of the frames that the recorder delivers, ms. */
const FRAME_MS = 200;

/** What a person does with one recording. */
export interface SessionPlan {
  number: number;
  openid: string;
  startAtMs: number;
  lengthMs: number;
  words: readonly SpokenWord[];
  end: 'stop' | 'cancel';
  /** Share of the frames that are sent twice. */
  repeatShare: number;
  /** The app is killed this long after the start, ms. */
  killAfterMs?: number;
  /** It is started again after this time, ms; undefined: never. */
  restartAfterMs?: number;
}

/** How a recording ended for the person. */
export interface SessionOutcome {
  how: 'completed' | 'cancelled' | 'failed' | 'delivered' | 'abandoned';
  error?: string;
  lines: readonly Line[];
  recordedMs: number;
  /** Of recordings that were delivered after a restart. */
  pending?: PendingOutcome;
}

/** The phone's files: they outlive the app. */
class Files implements FileStore {
  readonly #files = new Map<string, ArrayBuffer>();

  read = async (name: string) => this.#files.get(name)?.slice(0) ?? null;
  write = async (name: string, data: ArrayBuffer) => void this.#files.set(name, data.slice(0));
  remove = async (name: string) => void this.#files.delete(name);
  list = async () => [...this.#files.keys()];
}

/** One phone with one recording: the mini-program's own session, client and codec. */
export class Phone {
  readonly plan: SessionPlan;
  readonly sessionId: string;
  outcome: SessionOutcome | undefined;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #files = new Files();
  readonly #linkFor: (party: SimulatedHost) => Link;
  #party: SimulatedHost;
  #link: Link;
  #session: StreamingSession | undefined;
  #recordedMs = 0;
  readonly #log: (line: string) => void;

  constructor(
    plan: SessionPlan,
    init: {
      scheduler: Scheduler;
      random: Random;
      linkFor: (party: SimulatedHost) => Link;
      log: (line: string) => void;
    },
  ) {
    this.plan = plan;
    this.sessionId = `session-${String(plan.number).padStart(4, '0')}`;
    this.#scheduler = init.scheduler;
    this.#random = init.random;
    this.#linkFor = init.linkFor;
    this.#log = init.log;
    this.#party = new SimulatedHost(`phone-${plan.number}`, init.scheduler);
    this.#link = init.linkFor(this.#party);
    this.#party.after(plan.startAtMs, () => this.#start());
    const { killAfterMs } = plan;
    if (killAfterMs !== undefined) this.#scheduler.schedule(plan.startAtMs + killAfterMs, () => this.#kill());
  }

  get link(): Link {
    return this.#link;
  }
  get party(): SimulatedHost {
    return this.#party;
  }
  get lines(): readonly Line[] {
    return this.#session?.lines ?? [];
  }

  #deps(): VoiceSessionDeps {
    const party = this.#party;
    const { openid, number } = this.plan;
    const fetchTicket = () =>
      new Promise<{ ticket: string; expiresAt: number; now: number }>((resolve) => {
        party.after(50, () => {
          // Signed by the cloud's clock, which is right.
          const now = party.now() - party.skewMs;
          const expiresAt = now + TICKET_TTL_MS;
          resolve({ ticket: ticketOf(openid, expiresAt), expiresAt, now });
        });
      });
    return {
      createClient: this.#repeating(
        containerClient(() => ({ service: 'voice', dial: this.#link.dial, platform: null })),
      ),
      tickets: new TicketCache(fetchTicket, party),
      clock: party,
      random: () => this.#random.next(),
      clientId: () => `client-${String(number).padStart(4, '0')}`,
      newSessionId: () => this.sessionId,
      store: this.#files,
      onAppHide: () => () => {},
      active: new Set(),
    };
  }

  /** Sends some frames once more, as a client may: the container must trim them. */
  #repeating(create: CreateClient): CreateClient {
    return (options) => {
      const client = create(options);
      const emit = client.emit.bind(client) as (event: string, ...args: unknown[]) => typeof client;
      let previous: unknown[] | undefined;
      client.emit = ((event: string, ...args: unknown[]) => {
        const repeats = event === 'audio' && previous && this.#random.chance(this.plan.repeatShare);
        if (repeats && previous) emit(event, ...previous);
        previous = event === 'audio' ? args : undefined;
        return emit(event, ...args);
      }) as typeof client.emit;
      return client;
    };
  }

  #start(): void {
    const session = new StreamingSession(this.#deps());
    this.#session = session;
    session.on('state', (change) =>
      this.#log(`${this.#party.name} ${change.old} → ${change.new} ${change.reason}`),
    );
    session.on('error', ({ code }) => this.#log(`${this.#party.name} error ${code}`));
    session.start({ wordTimes: this.plan.number % 2 === 0 }).catch(() => {});
    this.#record(session);
  }

  #record(session: StreamingSession): void {
    const { number, words, lengthMs } = this.plan;
    this.#party.after(FRAME_MS, () => {
      const toMs = Math.min(lengthMs, this.#recordedMs + FRAME_MS);
      session.push(audioOf(number, words, this.#recordedMs, toMs));
      this.#recordedMs = toMs;
      if (toMs < lengthMs) this.#record(session);
      else this.#finish(session);
    });
  }

  #finish(session: StreamingSession): void {
    const how = this.plan.end === 'stop' ? 'completed' : 'cancelled';
    const done: Promise<unknown> = this.plan.end === 'stop' ? session.stop() : session.cancel();
    done.then(
      () => this.#end({ how }),
      (error) => this.#end({ how: 'failed', error: String(error?.code ?? error) }),
    );
  }

  #end(outcome: Omit<SessionOutcome, 'lines' | 'recordedMs'>): void {
    if (this.outcome) return;
    const lines = this.lines;
    this.outcome = { ...outcome, lines, recordedMs: this.#recordedMs };
    this.#log(`${this.#party.name} ${outcome.how} ${outcome.error ?? ''}`);
    if (this.#party.alive) this.#session?.dispose();
  }

  /** The system ends the app; later it is started again, and delivers what it had saved. */
  #kill(): void {
    if (this.outcome) return;
    this.#log(`${this.#party.name} killed`);
    this.#party.kill();
    this.#session = undefined;
    this.#link.drop();
    const { restartAfterMs } = this.plan;
    if (restartAfterMs === undefined) {
      this.#end({ how: 'abandoned' });
      return;
    }
    this.#scheduler.schedule(restartAfterMs, () => {
      this.#party = new SimulatedHost(`phone-${this.plan.number}b`, this.#scheduler);
      this.#link = this.#linkFor(this.#party);
      void this.#deliver();
    });
  }

  async #deliver(): Promise<void> {
    for (;;) {
      const [outcome] = await resumePending(this.#deps());
      if (outcome?.result !== 'pending') {
        this.#end({ how: 'delivered', ...(outcome && { pending: outcome }) });
        return;
      }
      await new Promise<void>((resolve) => this.#party.after(60_000, resolve));
    }
  }
}
