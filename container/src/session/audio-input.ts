import { type ErrorCode, VoiceError } from '../../../contract/errors.ts';
import { BYTES_PER_SAMPLE, CLIENT_RING_MS, MAX_SKIP_MS, msToSamples } from '../../../contract/limits.ts';
import type { AudioFrame, ErrorEvent } from '../../../contract/stream.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { AudioBuffer } from '../upstream/audio-buffer.ts';
import type { LevelMeter } from '../upstream/level-meter.ts';
import { SESSION_RULES } from './rules.ts';

/** Takes the client's frames in order: overlap is trimmed, a gap is asked for, too much is refused. */
export class AudioInput {
  /** Samples that could not be taken and cannot come again: an unpositioned client sends them once. */
  overflow = 0;
  private positioned: boolean | undefined;
  private halfSample = new Uint8Array(0);
  private readonly complainedAt = new Map<ErrorCode, number>();
  private readonly buffer: AudioBuffer;
  private readonly levels: LevelMeter;
  private readonly clock: Clock;

  constructor(buffer: AudioBuffer, levels: LevelMeter, clock: Clock) {
    this.buffer = buffer;
    this.levels = levels;
    this.clock = clock;
  }

  /** Unpositioned audio cannot be sent again, so such a session is not resumable. */
  get unpositioned(): boolean {
    return this.positioned === false;
  }

  /**
   * @param limitPos audio from here on is refused
   * @param sessionEnd audio from here on does not belong to the session
   * @returns what to tell the client, if anything
   */
  take(whole: AudioFrame, limitPos: number, sessionEnd?: number): ErrorEvent | undefined {
    const frame = trimTo(whole, sessionEnd);
    const positioned = frame.pos !== undefined;
    this.positioned ??= positioned;
    if (this.positioned !== positioned) return this.complain('MIXED_FRAMES');
    const pos = frame.pos ?? this.buffer.endPos;
    const pcm = positioned ? frame.pcm : this.wholeSamples(frame.pcm);
    const endPos = pos + pcm.byteLength / BYTES_PER_SAMPLE;
    if (endPos > limitPos) {
      if (!positioned) this.overflow += pcm.byteLength / BYTES_PER_SAMPLE;
      return this.complain('TOO_FAST');
    }
    const fresh = this.buffer.append(pos, pcm);
    if (fresh === 'gap') return this.complain('AUDIO_GAP');
    this.complainedAt.clear();
    this.levels.push(fresh);
    return undefined;
  }

  /**
   * Audio up to `toPos` will never come. However many holes are declared, what is undecided stays below the longest
   * one (and the audio before it), since the session remembers all of it.
   * @throws VoiceError BAD_REQUEST
   */
  skip({ fromPos, toPos }: { fromPos: number; toPos: number }, rateHz: number): void {
    const { startPos, endPos } = this.buffer;
    if (fromPos > endPos || toPos - startPos > msToSamples(MAX_SKIP_MS + CLIENT_RING_MS, rateHz))
      throw new VoiceError('BAD_REQUEST', { detail: 'skip' });
    if (toPos <= endPos) return;
    this.levels.pushSilence(toPos - endPos);
    this.buffer.skipTo(toPos);
  }

  /** A recorder cuts its frames anywhere: half a sample waits for the next frame. */
  private wholeSamples(pcm: Uint8Array): Uint8Array {
    const all = this.halfSample.byteLength === 0 ? pcm : Buffer.concat([this.halfSample, pcm]);
    const whole = all.byteLength - (all.byteLength % BYTES_PER_SAMPLE);
    this.halfSample = all.slice(whole);
    return all.subarray(0, whole);
  }

  private complain(code: ErrorCode): ErrorEvent | undefined {
    const now = this.clock.now();
    const last = this.complainedAt.get(code);
    if (last !== undefined && now - last < SESSION_RULES.complainEveryMs) return undefined;
    this.complainedAt.set(code, now);
    return { ...new VoiceError(code).toWire(), nextPos: this.buffer.endPos };
  }
}

/** The part of a frame that lies before `endPos`. */
function trimTo(frame: AudioFrame, endPos: number | undefined): AudioFrame {
  if (endPos === undefined || frame.pos === undefined) return frame;
  return { pos: frame.pos, pcm: frame.pcm.subarray(0, Math.max(0, endPos - frame.pos) * BYTES_PER_SAMPLE) };
}
