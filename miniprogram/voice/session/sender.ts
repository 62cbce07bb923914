import { BYTES_PER_SAMPLE, msToSamples, samplesToMs } from '../../../contract/limits.ts';
import type { AudioEncoding } from '../../../contract/stream.ts';
import type { Clock } from '../../../lib/clock.ts';
import { AdpcmEncoder, adpcmBytes } from '../../../lib/ima-adpcm.ts';
import { type EncodingState, firstEncoding, nextEncoding } from './encoding-choice.ts';
import type { AudioRing, Range } from './ring.ts';

/** Samples of the largest frame while the sender keeps up with the microphone: 200 ms at 16 kHz, for latency. */
const LIVE_FRAME_SAMPLES = 3_200;
/** Of the largest frame of a replay: a second at 16 kHz, for fewer packets. */
const REPLAY_FRAME_SAMPLES = 16_000;
/** With more unsent audio than this it counts as a replay, ms. */
const REPLAY_BEHIND_MS = 1_000;
/**
 * Most that is sent and not yet confirmed by `progress`, bytes. A heartbeat waits behind it for at most 10 s, and
 * a confirmation for at most 8 s (`SILENCE_MS`): at 9 KB/s, the least that ADPCM needs, it leaves the phone within 7.1 s. It is
 * 2 s of PCM, which is enough while the link keeps up (one `progress` a second), and 8 s of ADPCM, which every replay is sent as:
 * more than twice real time, the fastest that the recogniser accepts.
 */
const IN_FLIGHT_BYTES = 64_000;
/** The same where the container takes PCM only, so that a replay is sent as fast: 4 s, within 6.4 s at 20 KB/s. */
const PCM_ONLY_IN_FLIGHT_BYTES = 128_000;
/** All frames sent after a lost one are refused with the same position; within this time, ms, only the first refusal rewinds. */
const SAME_REWIND_MS = 1_000;

/** Where the sender sends to. */
export interface SenderOutput {
  audio(pos: number, frame: ArrayBuffer, encoding: AudioEncoding): void;
  /** Declares that this range will never be sent; {@link Sender.skipped} is to be called with the answer. */
  skip(range: Range): void;
}

/** What `start` was answered. */
export interface SenderStart {
  nextPos: number;
  limitPos: number;
  /** Of PCM; a frame of ADPCM has as many samples. */
  maxFrameBytes: number;
  /** Whether the container takes ADPCM. */
  adpcm: boolean;
}

/** A frame that is not confirmed. */
interface SentFrame {
  endPos: number;
  bytes: number;
}

/**
 * Sends the ring's audio in order with one cursor, so live audio is never sent before the replay is finished. It sends only
 * between `open` and `close`, only up to the container's limit, and only what the ring still holds.
 */
export class Sender {
  readonly #ring: AudioRing;
  readonly #clock: Clock;
  readonly #rateHz: number;
  #output: SenderOutput | null = null;
  #cursor = 0;
  #received = 0;
  #limitPos = 0;
  #maxFrameSamples = REPLAY_FRAME_SAMPLES;
  readonly #encoder = new AdpcmEncoder();
  /** Of the present connection; null: it sends PCM only. */
  #choice: EncodingState | null = null;
  #avoidsAdpcm = false;
  #inFlight: SentFrame[] = [];
  #mostInFlightBytes = PCM_ONLY_IN_FLIGHT_BYTES;
  #skipping = false;
  #refused = false;
  #endPos: number | null = null;
  #rewound = { pos: -1, at: 0 };

  constructor(ring: AudioRing, rateHz: number, clock: Clock) {
    this.#ring = ring;
    this.#rateHz = rateHz;
    this.#clock = clock;
  }

  /** The container has received all audio before this position, by its last `progress`. */
  get receivedPos(): number {
    return this.#received;
  }

  /** Whether a message of the container is due: for audio not yet confirmed, a declared gap, or a new limit after a refusal. */
  get expecting(): boolean {
    return this.#output !== null && (this.#skipping || this.#refused || this.#cursor > this.#received);
  }

  /** Whether everything below the end was sent (and there is an end). */
  get done(): boolean {
    return this.#output !== null && !this.#skipping && this.#endPos !== null && this.#cursor >= this.#endPos;
  }

  /** Audio that left the ring and was not received, as far as is known; the container decides at the next start. */
  get missing(): Range | null {
    const lost = this.#ring.startPos > this.#received;
    return lost ? { fromPos: this.#received, toPos: this.#ring.startPos } : null;
  }

  /** `start` was answered: sends from `nextPos` on. */
  open(output: SenderOutput, { nextPos, limitPos, maxFrameBytes, adpcm }: SenderStart): void {
    this.#output = output;
    this.#cursor = nextPos;
    this.#received = nextPos;
    this.#limitPos = limitPos;
    this.#maxFrameSamples = Math.floor(maxFrameBytes / BYTES_PER_SAMPLE);
    this.#inFlight = [];
    this.#mostInFlightBytes = adpcm ? IN_FLIGHT_BYTES : PCM_ONLY_IN_FLIGHT_BYTES;
    const usesAdpcm = adpcm && !this.#avoidsAdpcm;
    this.#choice = usesAdpcm ? firstEncoding(this.#unconfirmedMs, this.#clock.now()) : null;
    this.#skipping = false;
    this.#refused = false;
    this.#rewound = { pos: -1, at: 0 };
  }

  /** The connection is lost. */
  close(): void {
    this.#output = null;
    this.#skipping = false;
  }

  /** There is no audio at or beyond `endPos`. */
  end(endPos: number): void {
    this.#endPos = endPos;
  }

  progress(nextPos: number, limitPos: number): void {
    this.#refused = false;
    this.#received = Math.max(this.#received, nextPos);
    this.#cursor = Math.max(this.#cursor, nextPos);
    this.#limitPos = Math.max(this.#limitPos, limitPos);
    this.pump();
  }

  /** The container answered a declared gap. */
  skipped(nextPos: number): void {
    this.#skipping = false;
    this.progress(nextPos, this.#limitPos);
  }

  /** `AUDIO_GAP`: send again from `nextPos`. */
  rewind(nextPos: number): void {
    const now = this.#clock.now();
    const same = this.#rewound.pos === nextPos && now - this.#rewound.at < SAME_REWIND_MS;
    if (same || nextPos > this.#cursor) return;
    this.#rewound = { pos: nextPos, at: now };
    this.#cursor = nextPos;
    this.pump();
  }

  /** The container could not read a frame that is not PCM: from the next connection on everything is PCM. */
  avoidAdpcm(): void {
    this.#avoidsAdpcm = true;
  }

  /** `TOO_FAST`: send again from `nextPos`, but only when the limit has moved. */
  wait(nextPos: number): void {
    this.#refused = true;
    this.#cursor = Math.min(this.#cursor, nextPos);
    this.#limitPos = Math.min(this.#limitPos, nextPos);
  }

  /** Sends what may be sent now. */
  pump(): void {
    this.#choice &&= nextEncoding(this.#choice, this.#unconfirmedMs, this.#clock.now());
    while (this.#output && !this.#skipping) {
      const gap = this.#gap();
      if (gap) {
        // Only after the container has received all audio before it: otherwise a refused frame would be skipped, too.
        if (this.#cursor > this.#received) return;
        this.#skipping = true;
        this.#output.skip(gap);
        return;
      }
      const room = Math.min(this.#ring.endPos, this.#limitPos) - this.#cursor;
      const samples = Math.min(room, this.#frameSamples());
      if (samples <= 0 || this.#inFlightBytes + this.#bytesOf(samples) > this.#mostInFlightBytes) return;
      this.#send(this.#output, this.#ring.read(this.#cursor, samples));
    }
  }

  #send(output: SenderOutput, pcm: ArrayBuffer): void {
    const pos = this.#cursor;
    const encoding = this.#encoding;
    const frame = encoding === 'adpcm' ? this.#encoded(pcm) : pcm;
    this.#cursor += pcm.byteLength / BYTES_PER_SAMPLE;
    this.#inFlight.push({ endPos: this.#cursor, bytes: frame.byteLength });
    output.audio(pos, frame, encoding);
  }

  get #encoding(): AudioEncoding {
    return this.#choice?.encoding ?? 'pcm';
  }

  #bytesOf(samples: number): number {
    return this.#encoding === 'adpcm' ? adpcmBytes(samples) : samples * BYTES_PER_SAMPLE;
  }

  /** In a buffer of exactly its size, which is what `wx` sends. */
  #encoded(pcm: ArrayBuffer): ArrayBuffer {
    return this.#encoder.encode(new Int16Array(pcm)).buffer as ArrayBuffer;
  }

  /** Bytes of the frames between what is confirmed and the cursor, which may have gone back. */
  get #inFlightBytes(): number {
    this.#inFlight = this.#inFlight.filter(({ endPos }) => endPos > this.#received && endPos <= this.#cursor);
    return this.#inFlight.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Recorded audio that the container has not confirmed, and that is still to be had. */
  get #unconfirmedMs(): number {
    const pos = Math.max(this.#received, this.#ring.startPos);
    return samplesToMs(Math.max(0, this.#ring.endPos - pos), this.#rateHz);
  }

  #frameSamples(): number {
    const behind = this.#ring.endPos - this.#cursor > msToSamples(REPLAY_BEHIND_MS, this.#rateHz);
    return Math.min(behind ? REPLAY_FRAME_SAMPLES : LIVE_FRAME_SAMPLES, this.#maxFrameSamples);
  }

  /** Audio at the cursor that cannot be sent: it has left the ring, or the ring ends before the recording's end. */
  #gap(): Range | null {
    if (this.#cursor < this.#ring.startPos) return { fromPos: this.#cursor, toPos: this.#ring.startPos };
    if (this.#endPos === null || this.#cursor < this.#ring.endPos || this.#cursor >= this.#endPos)
      return null;
    return { fromPos: this.#cursor, toPos: this.#endPos };
  }
}
