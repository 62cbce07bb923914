import type { RawData, WebSocket } from 'ws';
import type { Clock } from '../../../lib/clock.ts';
import { type AsrEngine, EngineBusy, type Hearing, type Recogniser } from '../engine/recogniser.ts';
import type { FaultPlan } from '../faults.ts';
import type { AsrLimits } from '../options.ts';
import type { StreamRecording } from '../recording.ts';
import { type AsrStats, count } from '../stats.ts';
import { AudioInput, DecodeError } from './audio-input.ts';
import type { Refusal } from './codes.ts';
import { Messages, type ServerMessage } from './messages.ts';
import { PaceMeter } from './pace.ts';
import type { StreamParams } from './params.ts';
import { Sentences } from './sentences.ts';

export interface StreamContext {
  socket: WebSocket;
  params: StreamParams;
  engine: AsrEngine;
  limits: AsrLimits;
  clock: Clock;
  faults: FaultPlan;
  stats: AsrStats;
  recording: StreamRecording | null;
}

const BYTES_PER_SAMPLE = 2;
/** RFC 6455: normal closure. Which code the service uses is not documented. */
const CLOSE_CODE = 1000;

/**
 * One accepted stream, from its handshake to its end: audio in, results out, the service's rules kept.
 * States: running → ending (after `end`) → over.
 */
export class StreamSession {
  readonly #context: StreamContext;
  readonly #messages: Messages;
  readonly #sentences: Sentences;
  readonly #pace: PaceMeter;
  readonly #input: AudioInput;
  #recogniser: Recogniser | null = null;
  #state: 'running' | 'ending' | 'over' = 'running';
  #audioMs = 0;
  #lastAudioAt: number;
  #stopTimers: (() => void)[] = [];

  constructor(context: StreamContext) {
    const { params, limits, clock } = context;
    this.#context = context;
    this.#messages = new Messages(params.voiceId);
    this.#sentences = new Sentences({
      silenceMs: params.needVad ? params.silenceMs : Number.POSITIVE_INFINITY,
      maxSpeakMs: params.maxSpeakMs || limits.maxSpeakMs,
      deliverEmpty: !params.filterEmptyResult,
    });
    this.#pace = new PaceMeter(limits.windowMs, limits.windowAudioMs);
    this.#input = new AudioInput(params);
    this.#lastAudioAt = clock.now();
  }

  /** Shakes hands and listens. The session ends itself, and lets go of everything when its socket closes. */
  start(): void {
    const { socket, faults, clock } = this.#context;
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('close', () => this.#closed());
    // A broken frame closes the socket; there is nobody to tell.
    socket.on('error', () => {});
    const code = faults.get('code');
    if (code && code.afterAudioMs === undefined) {
      this.#fail({ code: code.code });
      return;
    }
    const delay = faults.get('delay-handshake');
    if (delay) this.#stopTimers.push(clock.after(delay.ms, () => this.#shakeHands()));
    else this.#shakeHands();
  }

  #shakeHands(): void {
    const { engine, limits, params, stats } = this.#context;
    if (this.#state === 'over') return;
    try {
      if (engine.lagMs() > limits.maxLagMs) throw new EngineBusy();
      this.#recogniser = engine.open(
        {
          onHearing: (hearing) => this.#hear(hearing),
          onFailure: () => this.#fail({ code: 5000 }),
        },
        { silenceMs: params.silenceMs },
      );
    } catch (error) {
      if (!(error instanceof EngineBusy)) console.error(`no recogniser for ${params.voiceId}:`, error);
      this.#fail({ code: error instanceof EngineBusy ? 5001 : 5002 });
      return;
    }
    stats.sessions.started++;
    this.#lastAudioAt = this.#context.clock.now();
    this.#send(this.#messages.handshake());
    this.#watchIdle(limits.idleMs);
    this.#breakDown();
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#state !== 'running') return;
    try {
      if (isBinary) this.#audio(toBytes(data));
      else this.#text(data.toString());
    } catch (error) {
      if (error instanceof DecodeError) this.#fail({ code: 4007, detail: error.message });
      else {
        console.error(`stream ${this.#context.params.voiceId} failed:`, error);
        this.#fail({ code: 5002 });
      }
    }
  }

  #audio(bytes: Uint8Array): void {
    const { clock, params, stats, recording } = this.#context;
    // Whether an empty frame keeps a stream alive is not documented: not here.
    if (bytes.length === 0) return;
    const now = clock.now();
    const audioMs = (bytes.length * 1000) / (params.sampleRateHz * BYTES_PER_SAMPLE);
    this.#lastAudioAt = now;
    this.#audioMs += audioMs;
    stats.audioMs += audioMs;
    recording?.write(bytes);
    if (this.#pace.exceeds(audioMs, now)) {
      this.#fail({ code: 4000 });
      return;
    }
    const samples = this.#input.push(bytes);
    this.#recogniser?.push(samples);
    this.#breakDown();
  }

  #text(text: string): void {
    const message = parseObject(text);
    if (message?.type === 'end') {
      this.#state = 'ending';
      this.#stopWatching();
      if (this.#recogniser) this.#recogniser.flush();
      else this.#complete();
      return;
    }
    // Newer SDKs send a context for the recognition; it is taken, and changes nothing.
    if (message && 'context_type' in message) return;
    this.#fail({ code: 4010 });
  }

  #hear(hearing: Hearing): void {
    if (this.#state === 'over') return;
    const { params, faults } = this.#context;
    for (const slice of this.#sentences.hear(hearing)) {
      if (slice.type !== 2 && faults.get('final-only')) continue;
      this.#send(this.#messages.result(slice, params, faults));
    }
    if (hearing.last) this.#complete();
  }

  #complete(): void {
    const { faults, stats } = this.#context;
    if (faults.get('withhold-final') || this.#stalled()) return;
    stats.sessions.completed++;
    this.#send(this.#messages.final());
    this.#finish();
  }

  #fail(refusal: Refusal): void {
    if (this.#state === 'over') return;
    count(this.#context.stats.codes, refusal.code);
    this.#send(this.#messages.error(refusal));
    this.#finish();
  }

  /** Faults that wait for an amount of audio. */
  #breakDown(): void {
    const { faults, socket } = this.#context;
    const due = (fault: { afterAudioMs?: number | undefined } | undefined): boolean =>
      fault !== undefined && this.#audioMs >= (fault.afterAudioMs ?? 0);
    const code = faults.get('code');
    if (code?.afterAudioMs !== undefined && due(code)) this.#fail({ code: code.code });
    else if (due(faults.get('drop'))) {
      this.#release();
      socket.terminate();
    } else if (due(faults.get('close'))) this.#finish();
  }

  #stalled(): boolean {
    const stall = this.#context.faults.get('stall');
    return stall !== undefined && this.#audioMs >= (stall.afterAudioMs ?? 0);
  }

  #watchIdle(ms: number): void {
    const { clock, limits } = this.#context;
    this.#stopTimers.push(
      clock.after(ms, () => {
        this.#stopTimers.length = 0;
        const restMs = limits.idleMs - (clock.now() - this.#lastAudioAt);
        if (restMs > 0) this.#watchIdle(restMs);
        else this.#fail({ code: 4008 });
      }),
    );
  }

  #stopWatching(): void {
    for (const stop of this.#stopTimers.splice(0)) stop();
  }

  #send(message: ServerMessage): void {
    const { socket } = this.#context;
    const handshake = message.message_id === undefined;
    if (this.#stalled() && !handshake) return;
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  }

  #finish(): void {
    this.#release();
    this.#context.socket.close(CLOSE_CODE);
  }

  #closed(): void {
    if (this.#state === 'running') count(this.#context.stats.codes, 4009);
    this.#release();
  }

  #release(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#stopWatching();
    this.#recogniser?.close();
    this.#recogniser = null;
    void this.#context.recording?.end();
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
