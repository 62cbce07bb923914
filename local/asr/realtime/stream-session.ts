import type { RawData, WebSocket } from 'ws';
import type { Clock } from '../../../lib/clock.ts';
import type { FaultDecision } from '../faults.ts';
import type { AsrLimits } from '../options.ts';
import { type AsrEngine, EngineBusy, type Recogniser, type RecognitionUpdate } from '../recogniser.ts';
import type { StreamRecording } from '../recording.ts';
import { type AsrStats, increment } from '../stats.ts';
import { AudioInput, DecodeError } from './audio-input.ts';
import type { Refusal } from './codes.ts';
import { MessageBuilder, type ServerMessage } from './messages.ts';
import { numbersInDigits } from './numerals.ts';
import type { StreamParams } from './params.ts';
import { Sentences } from './sentences.ts';

export interface StreamContext {
  socket: WebSocket;
  params: StreamParams;
  engine: AsrEngine;
  limits: AsrLimits;
  clock: Clock;
  faults: FaultDecision;
  stats: AsrStats;
  recording: StreamRecording | null;
}

/** `opening`: before the handshake message; `ending`: after the client's `end`; `closed`: final. */
export type StreamState = 'opening' | 'streaming' | 'ending' | 'closed';

/** The events of a stream with their payloads. */
interface StreamEvents {
  handshakeDue: [];
  audio: [bytes: Uint8Array];
  end: [];
  unknownText: [];
  update: [update: RecognitionUpdate];
  engineFailure: [];
  idleTimeout: [];
  socketClosed: [];
}
export type StreamEvent = keyof StreamEvents;

type StreamAction =
  | 'ignore'
  | 'openRecogniser'
  | 'receiveAudio'
  | 'endInput'
  | 'failUnknownText'
  | 'sendResults'
  | 'failEngine'
  | 'failIdle'
  | 'countDisconnect'
  | 'release';

type ActionsByEvent = Readonly<Record<StreamEvent, StreamAction>>;

const IGNORE_ALL: ActionsByEvent = {
  handshakeDue: 'ignore',
  audio: 'ignore',
  end: 'ignore',
  unknownText: 'ignore',
  update: 'ignore',
  engineFailure: 'ignore',
  idleTimeout: 'ignore',
  socketClosed: 'ignore',
};
const RECEIVE: ActionsByEvent = {
  ...IGNORE_ALL,
  audio: 'receiveAudio',
  end: 'endInput',
  unknownText: 'failUnknownText',
  update: 'sendResults',
  engineFailure: 'failEngine',
  socketClosed: 'countDisconnect',
};

/** What a stream does on each event in each state. */
export const STREAM_ACTIONS: Readonly<Record<StreamState, ActionsByEvent>> = {
  opening: { ...RECEIVE, handshakeDue: 'openRecogniser' },
  streaming: { ...RECEIVE, idleTimeout: 'failIdle' },
  ending: { ...IGNORE_ALL, update: 'sendResults', engineFailure: 'failEngine', socketClosed: 'release' },
  closed: IGNORE_ALL,
};

const BYTES_PER_SAMPLE = 2;
/** RFC 6455: normal closure. Our choice: the service's close code is not documented. */
const CLOSE_CODE = 1000;

/** One accepted stream from its handshake to its end: takes audio, sends results, enforces the service's rules. */
export class StreamSession {
  readonly #context: StreamContext;
  readonly #messages: MessageBuilder;
  readonly #sentences: Sentences;
  readonly #rateLimit: AudioRateLimit;
  readonly #input: AudioInput;
  readonly #actions = {
    openRecogniser: () => this.#openRecogniser(),
    receiveAudio: (bytes: Uint8Array) => this.#receiveAudio(bytes),
    endInput: () => this.#endInput(),
    failUnknownText: () => this.#fail({ code: 4010 }),
    sendResults: (update: RecognitionUpdate) => this.#sendResults(update),
    failEngine: () => this.#fail({ code: 5000 }),
    failIdle: () => this.#fail({ code: 4008 }),
    countDisconnect: () => this.#disconnected(),
    release: () => this.#enter('closed', 'the client disconnected after `end`'),
  } satisfies Record<Exclude<StreamAction, 'ignore'>, (...payload: never) => void>;
  #state: StreamState = 'opening';
  #recogniser: Recogniser | null = null;
  /** Audio received, ms. */
  #audioMs = 0;
  #lastAudioAt: number;
  /** Of the delayed handshake, then of the idle timeout. */
  #cancelTimer: () => void = () => {};

  constructor(context: StreamContext) {
    const { params, limits, clock } = context;
    this.#context = context;
    this.#messages = new MessageBuilder(params.voiceId);
    this.#sentences = new Sentences({
      silenceMs: params.needVad ? params.silenceMs : Number.POSITIVE_INFINITY,
      maxSpeakMs: params.maxSpeakMs || limits.maxSpeakMs,
      deliverEmpty: !params.filterEmptyResult,
    });
    this.#rateLimit = new AudioRateLimit(limits.windowMs, limits.windowAudioMs);
    this.#input = new AudioInput(params);
    this.#lastAudioAt = clock.now();
  }

  get state(): StreamState {
    return this.#state;
  }

  /** Sends the handshake message and begins to listen. The stream frees everything when its socket closes. */
  start(): void {
    const { socket, faults, clock } = this.#context;
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('close', () => this.#dispatch('socketClosed'));
    // ws closes the socket after an error, such as a malformed frame
    socket.on('error', () => {});
    const code = faults.get('code');
    if (code && code.afterAudioMs === undefined) {
      this.#fail({ code: code.code });
      return;
    }
    const delay = faults.get('delay-handshake');
    if (delay) this.#cancelTimer = clock.after(delay.ms, () => this.#dispatch('handshakeDue'));
    else this.#dispatch('handshakeDue');
  }

  #dispatch<E extends StreamEvent>(event: E, ...payload: StreamEvents[E]): void {
    const action: StreamAction = STREAM_ACTIONS[this.#state][event];
    if (action === 'ignore') return;
    // the table gives each event only actions that take its payload
    (this.#actions[action] as (...payload: StreamEvents[E]) => void)(...payload);
  }

  /** The only place that changes the state. Entering `closed` frees everything. */
  #enter(state: StreamState, reason: string): void {
    if (this.#state === 'closed') throw new Error(`a closed stream cannot become ${state}: ${reason}`);
    this.#state = state;
    if (state === 'streaming') return;
    this.#cancelTimer();
    if (state !== 'closed') return;
    this.#recogniser?.close();
    this.#recogniser = null;
    void this.#context.recording?.end();
  }

  #openRecogniser(): void {
    const { engine, limits, params, stats, clock } = this.#context;
    try {
      if (engine.lagMs() > limits.maxLagMs) throw new EngineBusy();
      this.#recogniser = engine.open(
        {
          onUpdate: (update) => this.#dispatch('update', update),
          onFailure: () => this.#dispatch('engineFailure'),
        },
        { silenceMs: params.silenceMs },
      );
    } catch (error) {
      if (!(error instanceof EngineBusy)) console.error(`no recogniser for ${params.voiceId}:`, error);
      this.#fail({ code: error instanceof EngineBusy ? 5001 : 5002 });
      return;
    }
    if (this.state === 'closed') {
      // the engine failed while it opened the stream
      this.#recogniser.close();
      this.#recogniser = null;
      return;
    }
    this.#enter('streaming', 'the recogniser is open');
    stats.sessions.started++;
    this.#lastAudioAt = clock.now();
    this.#send(this.#messages.handshake());
    this.#watchIdle(limits.idleMs);
    this.#injectDueFaults();
  }

  /** Turns a message of the client into an event. */
  #receive(data: RawData, isBinary: boolean): void {
    try {
      if (isBinary) {
        const bytes = toBytes(data);
        // whether the service counts an empty frame as audio is not documented; here it does not
        if (bytes.length > 0) this.#dispatch('audio', bytes);
        return;
      }
      const message = parseObject(data.toString());
      if (message?.type === 'end') this.#dispatch('end');
      // newer SDKs send a context for the recognition, which has no effect here
      else if (!message || !('context_type' in message)) this.#dispatch('unknownText');
    } catch (error) {
      if (error instanceof DecodeError) this.#fail({ code: 4007, detail: error.message });
      else {
        console.error(`stream ${this.#context.params.voiceId} failed:`, error);
        this.#fail({ code: 5002 });
      }
    }
  }

  #receiveAudio(bytes: Uint8Array): void {
    const { clock, params, stats, recording } = this.#context;
    const now = clock.now();
    const audioMs = (bytes.length * 1000) / (params.sampleRateHz * BYTES_PER_SAMPLE);
    this.#lastAudioAt = now;
    this.#audioMs += audioMs;
    stats.audioMs += audioMs;
    recording?.write(bytes);
    if (this.#rateLimit.exceededBy(audioMs, now)) {
      this.#fail({ code: 4000 });
      return;
    }
    const samples = this.#input.push(bytes);
    this.#recogniser?.push(samples);
    this.#injectDueFaults();
  }

  #endInput(): void {
    this.#enter('ending', 'the client sent `end`');
    if (this.#recogniser) this.#recogniser.flush();
    else this.#complete();
  }

  #sendResults(update: RecognitionUpdate): void {
    const { params, faults } = this.#context;
    const spelled = faults.get('digits') ? numbersInDigits(update) : update;
    for (const slice of this.#sentences.apply(spelled)) {
      if (slice.type !== 2 && faults.get('final-only')) continue;
      this.#send(this.#messages.result(slice, params, faults));
    }
    if (update.last) this.#complete();
  }

  #complete(): void {
    const { faults, stats } = this.#context;
    if (faults.get('withhold-final') || this.#stalled()) return;
    stats.sessions.completed++;
    this.#send(this.#messages.final());
    this.#closeSocket('all results are sent');
  }

  #fail(refusal: Refusal): void {
    if (this.#state === 'closed') return;
    increment(this.#context.stats.codes, refusal.code);
    this.#send(this.#messages.error(refusal));
    this.#closeSocket(`error ${refusal.code}`);
  }

  #disconnected(): void {
    increment(this.#context.stats.codes, 4009);
    this.#enter('closed', 'the client disconnected');
  }

  #closeSocket(reason: string): void {
    this.#enter('closed', reason);
    this.#context.socket.close(CLOSE_CODE);
  }

  /** Injects the faults that happen after an amount of audio, once it is received. */
  #injectDueFaults(): void {
    if (this.#state === 'closed') return;
    const { faults, socket } = this.#context;
    const due = (fault: { afterAudioMs?: number | undefined } | undefined): boolean =>
      fault !== undefined && this.#audioMs >= (fault.afterAudioMs ?? 0);
    const code = faults.get('code');
    if (code?.afterAudioMs !== undefined && due(code)) this.#fail({ code: code.code });
    else if (due(faults.get('drop'))) {
      this.#enter('closed', 'fault: drop');
      socket.terminate();
    } else if (due(faults.get('close'))) this.#closeSocket('fault: close');
  }

  #stalled(): boolean {
    const stall = this.#context.faults.get('stall');
    return stall !== undefined && this.#audioMs >= (stall.afterAudioMs ?? 0);
  }

  /** Fires `idleTimeout` once no audio has come for the limit. */
  #watchIdle(ms: number): void {
    const { clock, limits } = this.#context;
    this.#cancelTimer = clock.after(ms, () => {
      const restMs = limits.idleMs - (clock.now() - this.#lastAudioAt);
      if (restMs > 0) this.#watchIdle(restMs);
      else this.#dispatch('idleTimeout');
    });
  }

  #send(message: ServerMessage): void {
    const { socket } = this.#context;
    const isHandshake = message.message_id === undefined;
    if (this.#stalled() && !isHandshake) return;
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  }
}

/** Detects more audio within a sliding window of time than the service accepts. */
class AudioRateLimit {
  readonly #windowMs: number;
  readonly #maxAudioMs: number;
  readonly #arrivals: { at: number; audioMs: number }[] = [];
  #sumMs = 0;

  constructor(windowMs: number, maxAudioMs: number) {
    this.#windowMs = windowMs;
    this.#maxAudioMs = maxAudioMs;
  }

  /** Counts audio that arrived at `now` (ms). @returns whether the window now holds too much */
  exceededBy(audioMs: number, now: number): boolean {
    this.#arrivals.push({ at: now, audioMs });
    this.#sumMs += audioMs;
    while ((this.#arrivals[0]?.at ?? now) <= now - this.#windowMs) {
      this.#sumMs -= this.#arrivals.shift()?.audioMs ?? 0;
    }
    return this.#sumMs > this.#maxAudioMs;
  }
}

function toBytes(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
