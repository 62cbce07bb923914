import { TICKET_TTL_MS } from '../contract/limits.ts';
import type { AudioEncoding } from '../contract/stream.ts';
import { AdpcmEncoder, decodeAdpcm } from '../lib/ima-adpcm.ts';
import type { Random } from '../lib/random.ts';
import type { PlatformEvents } from '../miniprogram/client/platform.ts';
import type { FileStore } from '../miniprogram/voice/saved/saved-recordings.ts';
import { type CreateClient, containerClient } from '../miniprogram/voice/session/container-connection.ts';
import type { VoiceSessionDeps } from '../miniprogram/voice/session/streaming-session.ts';
import { TicketCache } from '../miniprogram/voice/session/ticket.ts';
import type { Link } from './network.ts';
import { type Scheduler, SimulatedHost } from './scheduler.ts';
import { ticketOf } from './tickets.ts';

/** In the background the system lets an app run for this long, then suspends it and closes its sockets, ms. */
const SUSPEND_AFTER_MS = 5_000;
/** The ticket function answers after this, ms. */
const TICKET_MS = 50;

/** Share of the encoded frames that arrive damaged. */
const DAMAGED_SHARE = 0.02;
/** Share of the repeated frames that come in the other encoding. */
const ENCODED_AGAIN_SHARE = 0.5;
/** Where a block has its step, and one that there is not. */
const STEP_AT = 2;
const NO_STEP = 200;

/** `damaged`: an encoded frame that is not what it says; `again`: a frame that is repeated in the other encoding. */
export type SentFrame = AudioEncoding | 'damaged' | 'again';

/** The phone's files: they outlive the app. */
export class Files implements FileStore {
  readonly #files = new Map<string, ArrayBuffer>();

  read = async (name: string) => this.#files.get(name)?.slice(0) ?? null;
  write = async (name: string, data: ArrayBuffer) => void this.#files.set(name, data.slice(0));
  remove = async (name: string) => void this.#files.delete(name);
  list = async () => [...this.#files.keys()];
}

export interface HandsetInit {
  name: string;
  scheduler: Scheduler;
  random: Random;
  linkFor: (party: SimulatedHost) => Link;
  files: Files;
  openid: string;
  clientId: string;
  sessionId: string;
  /** How far the phone's clock is wrong, ms. */
  skewMs: number;
  /** Share of the frames that are sent twice. */
  repeatShare: number;
  /** Most audio that the phone keeps, ms; undefined: as the app, 120 s. */
  ringMs?: number | undefined;
  onFrame: (frame: SentFrame) => void;
}

/** One run of the app on one phone: what the mini-program uses of WeChat and of the network. */
export class Handset {
  readonly party: SimulatedHost;
  readonly link: Link;
  readonly deps: VoiceSessionDeps;
  isHidden = false;
  readonly #init: HandsetInit;
  readonly #platforms = new Set<PlatformEvents>();
  readonly #hideListeners = new Set<() => void>();

  constructor(init: HandsetInit) {
    const { name, scheduler, openid, files } = init;
    const party = new SimulatedHost(name, scheduler);
    this.#init = init;
    this.party = party;
    party.skewMs = init.skewMs;
    this.link = init.linkFor(party);
    const fetchTicket = () =>
      new Promise<{ ticket: string; expiresAt: number; now: number }>((resolve) => {
        party.after(TICKET_MS, () => {
          // Signed by the cloud's clock, which is right.
          const now = party.now() - party.skewMs;
          const expiresAt = now + TICKET_TTL_MS;
          resolve({ ticket: ticketOf(openid, expiresAt), expiresAt, now });
        });
      });
    const address = { service: 'voice', dial: this.link.dial, platform: this.#watch };
    this.deps = {
      createClient: this.#altering(containerClient(() => address)),
      tickets: new TicketCache(fetchTicket, party),
      clock: party,
      random: () => init.random.next(),
      clientId: () => init.clientId,
      newSessionId: () => init.sessionId,
      store: files,
      ...(init.ringMs !== undefined && { ringMs: init.ringMs }),
      onAppHide: this.onAppHide,
      active: new Set(),
    };
  }

  /** As `wx.onAppHide`. */
  readonly onAppHide = (fn: () => void): (() => void) => {
    this.#hideListeners.add(fn);
    return () => void this.#hideListeners.delete(fn);
  };

  /** The app goes to the background for `ms`: after a while it is suspended, and its sockets are closed. @param shown called when it is back */
  hide(ms: number, shown: () => void): void {
    if (!this.party.alive || this.isHidden) return;
    const { scheduler } = this.#init;
    this.isHidden = true;
    for (const { hide } of [...this.#platforms]) hide();
    for (const fn of [...this.#hideListeners]) fn();
    scheduler.schedule(SUSPEND_AFTER_MS, () => {
      if (!this.party.alive || ms <= SUSPEND_AFTER_MS) return;
      this.link.drop();
      this.party.pause(ms - SUSPEND_AFTER_MS);
    });
    scheduler.schedule(ms, () => {
      if (!this.party.alive) return;
      this.isHidden = false;
      for (const { show } of [...this.#platforms]) show();
      shown();
    });
  }

  /** The phone has lost its network, or has it again. */
  network(isConnected: boolean): void {
    if (this.party.alive && !this.isHidden)
      for (const { network } of [...this.#platforms]) network({ isConnected });
  }

  /** The system ends the app. */
  kill(): void {
    this.party.kill();
    this.link.drop();
  }

  readonly #watch = (events: PlatformEvents): (() => void) => {
    this.#platforms.add(events);
    return () => void this.#platforms.delete(events);
  };

  /** Sends some frames once more, as a client may: the container must trim them. Some encoded ones are damaged on their way. */
  #altering(create: CreateClient): CreateClient {
    const { random, repeatShare, onFrame } = this.#init;
    const choices = random.fork('encodings');
    return (options) => {
      const client = create(options);
      const emit = client.emit.bind(client) as (event: string, ...args: unknown[]) => typeof client;
      const send = (frame: AudioArguments): typeof client => {
        const [pos, bytes, encoding] = frame;
        onFrame(encoding ?? 'pcm');
        if (encoding !== 'adpcm' || !choices.chance(DAMAGED_SHARE)) return emit('audio', ...frame);
        onFrame('damaged');
        const damaged = new Uint8Array(bytes.slice(0));
        damaged[STEP_AT] = NO_STEP;
        return emit('audio', pos, damaged.buffer, encoding);
      };
      let previous: AudioArguments | undefined;
      client.emit = ((event: string, ...args: unknown[]) => {
        const frame = event === 'audio' ? (args as AudioArguments) : undefined;
        const repeats = frame && previous && random.chance(repeatShare);
        if (repeats && previous) {
          const again = choices.chance(ENCODED_AGAIN_SHARE);
          if (again) onFrame('again');
          send(again ? inOtherEncoding(previous) : previous);
        }
        previous = frame;
        return frame ? send(frame) : emit(event, ...args);
      }) as typeof client.emit;
      return client;
    };
  }
}

type AudioArguments = [pos: number, frame: ArrayBuffer, encoding?: AudioEncoding];

const inOtherEncoding = ([pos, frame, encoding]: AudioArguments): AudioArguments =>
  encoding === 'adpcm'
    ? [pos, decodeAdpcm(new Uint8Array(frame)).buffer as ArrayBuffer]
    : [pos, new AdpcmEncoder().encode(new Int16Array(frame)).buffer as ArrayBuffer, 'adpcm'];
