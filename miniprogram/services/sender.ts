import { BYTES_PER_SAMPLE, msToSamples } from '../../contract/limits.ts';
import type { Clock } from '../../lib/clock.ts';
import type { AudioRing, Range } from './ring.ts';

/** Level with the microphone: frames of at most 200 ms at 16 kHz, for latency. */
const LIVE_FRAME_BYTES = 6_400;
/** Behind it: about a second, for fewer packets. */
const REPLAY_FRAME_BYTES = 32_000;
/** More than this unsent, ms of audio: it is a replay. */
const REPLAY_BEHIND_MS = 1_000;
/**
 * Audio on its way that nobody confirmed yet, ms. With a `progress` a second it is more than the 2× that the recogniser takes,
 * and at 20 KB/s it still leaves the phone within 6.4 s, so heartbeats queued behind it are in time.
 */
const IN_FLIGHT_MS = 4_000;
/** Frames behind a refused one are refused with the same position: one rewind answers all of them, ms. */
const SAME_REWIND_MS = 1_000;

export interface SenderPort {
  audio(pos: number, pcm: ArrayBuffer): void;
  /** This range will never come. Call {@link Sender.skipped} with the answer. */
  skip(range: Range): void;
}

/**
 * Sends the ring in order: one cursor, so live audio always stands behind the replay. It sends only between `open` and
 * `close`, only below the container's credit, and only what the ring still has.
 */
export class Sender {
  readonly #ring: AudioRing;
  readonly #clock: Clock;
  readonly #rateHz: number;
  #port: SenderPort | null = null;
  #cursor = 0;
  #received = 0;
  #limitPos = 0;
  #maxFrameBytes = REPLAY_FRAME_BYTES;
  #skipping = false;
  #refused = false;
  #endPos: number | null = null;
  #rewound = { pos: -1, at: 0 };

  constructor(ring: AudioRing, rateHz: number, clock: Clock) {
    this.#ring = ring;
    this.#rateHz = rateHz;
    this.#clock = clock;
  }

  /** Everything before it has reached the container, by the container's last `progress`. */
  get receivedPos(): number {
    return this.#received;
  }

  /** Whether a message of the container is due: audio on its way, a declared gap, new credit after a refusal. */
  get expecting(): boolean {
    return this.#port !== null && (this.#skipping || this.#refused || this.#cursor > this.#received);
  }

  /** Whether everything below the end was sent (and there is an end). */
  get done(): boolean {
    return this.#port !== null && !this.#skipping && this.#endPos !== null && this.#cursor >= this.#endPos;
  }

  /** Audio that left the ring and was not received, as far as is known; the container decides at the next start. */
  get missing(): Range | null {
    const gone = this.#ring.startPos > this.#received;
    return gone ? { fromPos: this.#received, toPos: this.#ring.startPos } : null;
  }

  /** From here on audio is taken, from `nextPos`. */
  open(port: SenderPort, start: { nextPos: number; limitPos: number; maxFrameBytes: number }): void {
    this.#port = port;
    this.#cursor = start.nextPos;
    this.#received = start.nextPos;
    this.#limitPos = start.limitPos;
    this.#maxFrameBytes = start.maxFrameBytes;
    this.#skipping = false;
    this.#refused = false;
    this.#rewound = { pos: -1, at: 0 };
  }

  /** The connection is lost. */
  close(): void {
    this.#port = null;
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

  /** `TOO_FAST`: send again from `nextPos`, but only when the limit has moved. */
  wait(nextPos: number): void {
    this.#refused = true;
    this.#cursor = Math.min(this.#cursor, nextPos);
    this.#limitPos = Math.min(this.#limitPos, nextPos);
  }

  /** Sends what may be sent now. */
  pump(): void {
    while (this.#port && !this.#skipping) {
      const gap = this.#gap();
      if (gap) {
        // Only when all before it has arrived: a frame that was refused on its way would be skipped with it.
        if (this.#cursor > this.#received) return;
        this.#skipping = true;
        this.#port.skip(gap);
        return;
      }
      const window = this.#received + msToSamples(IN_FLIGHT_MS, this.#rateHz);
      const room = Math.min(this.#ring.endPos, this.#limitPos, window) - this.#cursor;
      if (room <= 0) return;
      const pcm = this.#ring.read(this.#cursor, Math.min(room, this.#frameSamples()));
      const pos = this.#cursor;
      this.#cursor += pcm.byteLength / BYTES_PER_SAMPLE;
      this.#port.audio(pos, pcm);
    }
  }

  #frameSamples(): number {
    const behind = this.#ring.endPos - this.#cursor > msToSamples(REPLAY_BEHIND_MS, this.#rateHz);
    const bytes = Math.min(behind ? REPLAY_FRAME_BYTES : LIVE_FRAME_BYTES, this.#maxFrameBytes);
    return Math.floor(bytes / BYTES_PER_SAMPLE);
  }

  /** Audio at the cursor that is not there: it left the ring, or it ends before the recording's end. */
  #gap(): Range | null {
    if (this.#cursor < this.#ring.startPos) return { fromPos: this.#cursor, toPos: this.#ring.startPos };
    const over = this.#endPos !== null && this.#cursor >= this.#ring.endPos && this.#cursor < this.#endPos;
    return over && this.#endPos !== null ? { fromPos: this.#cursor, toPos: this.#endPos } : null;
  }
}
