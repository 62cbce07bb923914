import { BYTES_PER_SAMPLE, msToSamples } from '../../contract/limits.ts';
import type { Clock } from '../../lib/clock.ts';
import type { AudioRing, Range } from './ring.ts';

/** Largest frame while the sender keeps up with the microphone: 200 ms at 16 kHz, for latency. */
const LIVE_FRAME_BYTES = 6_400;
/** Largest frame of a replay: a second at 16 kHz, for fewer packets. */
const REPLAY_FRAME_BYTES = 32_000;
/** With more unsent audio than this it counts as a replay, ms. */
const REPLAY_BEHIND_MS = 1_000;
/**
 * Most audio that is sent and not yet confirmed by `progress`, ms. With one `progress` a second it is more than twice real time,
 * the fastest that the recogniser accepts; at 20 KB/s it leaves the phone within 6.4 s, so a heartbeat behind it is in time.
 */
const IN_FLIGHT_MS = 4_000;
/** All frames sent after a lost one are refused with the same position; within this time, ms, only the first refusal rewinds. */
const SAME_REWIND_MS = 1_000;

/** Where the sender sends to. */
export interface SenderOutput {
  audio(pos: number, pcm: ArrayBuffer): void;
  /** Declares that this range will never be sent; {@link Sender.skipped} is to be called with the answer. */
  skip(range: Range): void;
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
  open(output: SenderOutput, start: { nextPos: number; limitPos: number; maxFrameBytes: number }): void {
    this.#output = output;
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

  /** `TOO_FAST`: send again from `nextPos`, but only when the limit has moved. */
  wait(nextPos: number): void {
    this.#refused = true;
    this.#cursor = Math.min(this.#cursor, nextPos);
    this.#limitPos = Math.min(this.#limitPos, nextPos);
  }

  /** Sends what may be sent now. */
  pump(): void {
    while (this.#output && !this.#skipping) {
      const gap = this.#gap();
      if (gap) {
        // Only after the container has received all audio before it: otherwise a refused frame would be skipped, too.
        if (this.#cursor > this.#received) return;
        this.#skipping = true;
        this.#output.skip(gap);
        return;
      }
      const window = this.#received + msToSamples(IN_FLIGHT_MS, this.#rateHz);
      const room = Math.min(this.#ring.endPos, this.#limitPos, window) - this.#cursor;
      if (room <= 0) return;
      const pcm = this.#ring.read(this.#cursor, Math.min(room, this.#frameSamples()));
      const pos = this.#cursor;
      this.#cursor += pcm.byteLength / BYTES_PER_SAMPLE;
      this.#output.audio(pos, pcm);
    }
  }

  #frameSamples(): number {
    const behind = this.#ring.endPos - this.#cursor > msToSamples(REPLAY_BEHIND_MS, this.#rateHz);
    const bytes = Math.min(behind ? REPLAY_FRAME_BYTES : LIVE_FRAME_BYTES, this.#maxFrameBytes);
    return Math.floor(bytes / BYTES_PER_SAMPLE);
  }

  /** Audio at the cursor that cannot be sent: it has left the ring, or the ring ends before the recording's end. */
  #gap(): Range | null {
    if (this.#cursor < this.#ring.startPos) return { fromPos: this.#cursor, toPos: this.#ring.startPos };
    if (this.#endPos === null || this.#cursor < this.#ring.endPos || this.#cursor >= this.#endPos)
      return null;
    return { fromPos: this.#cursor, toPos: this.#endPos };
  }
}
