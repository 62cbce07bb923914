import type { Loss } from '../../contract/records.ts';
import type { AudioEncoding } from '../../contract/stream.ts';
import { signTicket, type TicketKeys } from '../../contract/ticket.ts';
import { sleep, systemClock, withTimeout } from '../../lib/clock.ts';
import { decodeAdpcm } from '../../lib/ima-adpcm.ts';
import type { Random } from '../../lib/random.ts';
import { nodeWs } from '../../miniprogram/client/dialers/node-ws.ts';
import { type CreateClient, containerClient } from '../../miniprogram/voice/session/container-connection.ts';
import { StreamingSession } from '../../miniprogram/voice/session/streaming-session.ts';
import { TicketCache } from '../../miniprogram/voice/session/ticket.ts';
import type { Line, VoiceOptions } from '../../miniprogram/voice/session/voice-session.types.ts';
import { SPEAKER_HEADER } from './cluster.ts';
import { RATE_HZ } from './script.ts';
import type { Timeline } from './timeline.ts';

/** Length of the frames that a recorder delivers, ms. */
const FRAME_MS = 100;

type Emit = (event: string, ...args: unknown[]) => unknown;

export interface SpeakerInit {
  number: number;
  sessionId: string;
  openid: string;
  keys: TicketKeys;
  /** Where its own link listens on 127.0.0.1. */
  port: number;
  pcm: Int16Array;
  random: Random;
  timeline: Timeline;
  /** Without an answer to `stop` within this time, which includes catching up, the session counts as failed, ms. */
  stopWithinMs: number;
  /** Probability that a frame is sent twice, 0 … 1. */
  repeatChance: number;
  /** Most audio that the phone keeps, ms; default: as the app, 120 s. */
  ringMs?: number;
  /** What it asks of the session. */
  voiceOptions: VoiceOptions;
  /** What the phone's screen shows has changed. */
  onLines?: (lines: readonly Line[]) => void;
}

/** What a phone has when its session is over. */
export interface SpeakerResult {
  lines: readonly Line[];
  /** Audio that the phone counted as lost. */
  losses: readonly Loss[];
  /** Why the session did not end well; undefined: it did. */
  failure: string | undefined;
}

/** One phone: the mini-program's own streaming session, fed with audio in real time. */
export class Speaker {
  readonly #init: SpeakerInit;
  readonly #who: string;
  readonly #session: StreamingSession;
  #pushedSamples = 0;
  /** Length of its recording, samples. */
  #endPos: number;
  #beganAtMs: number | undefined;
  readonly #blocks: { pos: number; block: Uint8Array }[] = [];

  constructor(init: SpeakerInit) {
    this.#init = init;
    this.#endPos = init.pcm.length;
    this.#who = `speaker-${init.number}`;
    const { keys, openid, random, sessionId } = init;
    this.#session = new StreamingSession({
      createClient: this.#loggingClient(),
      tickets: new TicketCache(() => signTicket(openid, keys), systemClock),
      clock: systemClock,
      random: () => random.next(),
      clientId: () => `chaos-client-${init.number}`,
      newSessionId: () => sessionId,
      store: null,
      onAppHide: () => () => {},
      ...(init.ringMs !== undefined && { ringMs: init.ringMs }),
      active: new Set(),
    });
    this.#session.on('state', (change) => this.#log('state', { ...change }));
    this.#session.on('error', ({ code }) => this.#log('error', { code }));
    this.#session.on('loss', (loss) => this.#log('loss', { ...loss }));
    this.#session.on('lines', (lines) => init.onLines?.(lines));
  }

  get lines(): readonly Line[] {
    return this.#session.lines;
  }
  get recordedMs(): number {
    return Math.round((this.#pushedSamples * 1000) / RATE_HZ);
  }

  /** What it has sent as ADPCM, as it is heard. */
  get encodedAudio(): { pos: number; pcm: Int16Array }[] {
    return this.#blocks.map(({ pos, block }) => ({ pos, pcm: decodeAdpcm(block) }));
  }

  /** When its recording began, ms of the timeline; undefined: it has not. */
  get beganAtMs(): number | undefined {
    return this.#beganAtMs;
  }

  /** Its recording ends at `pos` (samples), or now where it is longer already. */
  endAt(pos: number): void {
    this.#endPos = Math.max(this.#pushedSamples, Math.min(this.#endPos, pos));
  }

  /** Sends all audio, then stops. @param onStop called when `stop` was sent */
  async run(onStop: () => void): Promise<SpeakerResult> {
    const { stopWithinMs, voiceOptions } = this.#init;
    this.#session
      .start(voiceOptions)
      .catch((error: Error) => this.#log('start failed', { message: error.message }));
    await this.#pushAudio();
    const stopped = this.#session.stop();
    this.#log('stop');
    onStop();
    const late = () => new Error(`no answer within ${stopWithinMs / 1000} s`);
    const failure = await withTimeout(stopped, systemClock, stopWithinMs, late).then(
      () => undefined,
      (error: Error) => `${error.name}: ${error.message}`,
    );
    this.#log('stopped', { failure });
    const { lines, status } = this.#session;
    this.#session.dispose();
    return { lines, losses: status.losses, failure };
  }

  async #pushAudio(): Promise<void> {
    const { pcm, timeline } = this.#init;
    const beganAt = performance.now();
    this.#beganAtMs = timeline.nowMs;
    while (this.#pushedSamples < this.#endPos) {
      await sleep(systemClock, FRAME_MS);
      const due = Math.min(this.#endPos, Math.floor(((performance.now() - beganAt) * RATE_HZ) / 1000));
      this.#session.push(pcm.slice(this.#pushedSamples, due).buffer);
      this.#pushedSamples = due;
    }
  }

  /** Makes clients that write every event and answer to the timeline. */
  #loggingClient(): CreateClient {
    const { port, number } = this.#init;
    const ws = nodeWs(`ws://127.0.0.1:${port}`);
    const dial: typeof ws = (request, ...callbacks) =>
      ws({ ...request, header: { ...request.header, [SPEAKER_HEADER]: String(number) } }, ...callbacks);
    const create = containerClient(() => ({ service: '', dial, platform: null }));
    return (options) => {
      const client = create(options);
      client.onInternal('connect', () => this.#log('connected'));
      client.onInternal('connect_error', ({ message, data }) =>
        this.#log('refused', { code: data?.code, reason: message }),
      );
      client.onInternal('disconnect', (reason) => this.#log('disconnected', { reason }));
      client.onAny((name, payload) =>
        this.#log(`event ${name}`, { ...(payload as object), words: undefined }),
      );
      const emit: Emit = client.emit.bind(client);
      client.emit = this.#repeating(this.#keepingBlocks(this.#loggingAnswers(emit))) as typeof client.emit;
      return client;
    };
  }

  #loggingAnswers(emit: Emit): Emit {
    return (event, ...args) => {
      const done = args.pop();
      if (typeof done !== 'function') return emit(event, ...args, done);
      return emit(event, ...args, (error: Error | null, answer: unknown) => {
        const outcome = error ? { answered: false, why: error.message } : { answered: true, answer };
        this.#log(`answer ${event}`, { outcome });
        done(error, answer);
      });
    };
  }

  #keepingBlocks(emit: Emit): Emit {
    return (event, ...args) => {
      const [pos, frame, encoding] = args as [number, ArrayBuffer, AudioEncoding | undefined];
      if (event === 'audio' && encoding === 'adpcm') this.#blocks.push({ pos, block: new Uint8Array(frame) });
      return emit(event, ...args);
    };
  }

  /** Sometimes sends the previous frame once more, as a client may: the container must trim the overlap. */
  #repeating(emit: Emit): Emit {
    const { random, repeatChance } = this.#init;
    let previous: unknown[] | undefined;
    return (event, ...args) => {
      if (event === 'audio') {
        if (previous && random.chance(repeatChance)) emit(event, ...previous);
        previous = args;
      }
      return emit(event, ...args);
    };
  }

  #log(what: string, detail: Record<string, unknown> = {}): void {
    this.#init.timeline.add(this.#who, what, { recordedMs: this.recordedMs, ...detail });
  }
}
