import { type ErrorCode, VoiceError } from '../../../contract/errors.ts';
import { BYTES_PER_SAMPLE, CLIENT_RING_MS, MAX_SKIP_MS, msToSamples } from '../../../contract/limits.ts';
import type { Loss } from '../../../contract/records.ts';
import type { AudioFrame, ErrorEvent } from '../../../contract/stream.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { AudioBuffer } from '../upstream/audio-buffer.ts';
import type { LevelMeter } from '../upstream/level-meter.ts';
import { SESSION_RULES } from './rules.ts';

interface AudioInputDeps {
  buffer: AudioBuffer;
  levels: LevelMeter;
  clock: Clock;
  rateHz: number;
  /** Audio from `fromPos` to `toPos` was passed over: it will not come any more. */
  lost: (fromPos: number, toPos: number, reason: Loss['reason']) => void;
}

/** Takes the client's frames in order: overlap is trimmed, a gap is asked for, too much is refused. */
export class AudioInput {
  private positioned: boolean | undefined;
  private halfSample = new Uint8Array(0);
  private readonly refusedAtMs = new Map<ErrorCode, number>();
  private readonly deps: AudioInputDeps;

  constructor(deps: AudioInputDeps) {
    this.deps = deps;
  }

  /** Unpositioned audio cannot be sent again, so such a session is not resumable. */
  get unpositioned(): boolean {
    return this.positioned === false;
  }

  /**
   * @param limitPos audio from here on is refused
   * @param sessionEnd audio from here on does not belong to the session
   * @returns what to tell the client, if anything
   * @throws VoiceError BAD_REQUEST: more was lost than a session may lose
   */
  take(whole: AudioFrame, limitPos: number, sessionEnd?: number): ErrorEvent | undefined {
    const frame = trimTo(whole, sessionEnd);
    const positioned = frame.pos !== undefined;
    this.positioned ??= positioned;
    if (this.positioned !== positioned) return this.refuse('MIXED_FRAMES');
    const pos = frame.pos ?? this.deps.buffer.endPos;
    const pcm = positioned ? frame.pcm : this.wholeSamples(frame.pcm);
    const endPos = pos + pcm.byteLength / BYTES_PER_SAMPLE;
    if (endPos > limitPos) {
      // An unpositioned client sends each frame once: what it sends next belongs behind the lost frame.
      if (!positioned) this.skip({ fromPos: pos, toPos: endPos, reason: 'client-overflow' });
      return this.refuse('TOO_FAST');
    }
    const fresh = this.deps.buffer.append(pos, pcm);
    if (fresh === 'gap') return this.refuse('AUDIO_GAP');
    if (this.refusedAtMs.size > 0) this.refusedAtMs.clear();
    this.deps.levels.push(fresh);
    return undefined;
  }

  /**
   * Audio up to `toPos` will never come. However many holes are declared, what is undecided stays below the longest
   * one (and the audio before it), since the session remembers all of it.
   * @throws VoiceError BAD_REQUEST
   */
  skip({ fromPos, toPos, reason }: { fromPos: number; toPos: number; reason: Loss['reason'] }): void {
    const { buffer, levels, rateHz } = this.deps;
    const { startPos, endPos } = buffer;
    if (fromPos > endPos || toPos - startPos > msToSamples(MAX_SKIP_MS + CLIENT_RING_MS, rateHz))
      throw new VoiceError('BAD_REQUEST', { detail: 'skip' });
    if (toPos <= endPos) return;
    levels.pushSilence(toPos - endPos);
    buffer.skipTo(toPos);
    this.deps.lost(endPos, toPos, reason);
  }

  /** A recorder cuts its frames anywhere: half a sample waits for the next frame. */
  private wholeSamples(pcm: Uint8Array): Uint8Array {
    const all = this.halfSample.byteLength === 0 ? pcm : Buffer.concat([this.halfSample, pcm]);
    const whole = all.byteLength - (all.byteLength % BYTES_PER_SAMPLE);
    this.halfSample = Uint8Array.from(all.subarray(whole));
    return all.subarray(0, whole);
  }

  /** The same refusal is told again only after a while. */
  private refuse(code: ErrorCode): ErrorEvent | undefined {
    const now = this.deps.clock.now();
    const sinceMs = now - (this.refusedAtMs.get(code) ?? Number.NEGATIVE_INFINITY);
    // Negative where the clock was set back.
    if (sinceMs >= 0 && sinceMs < SESSION_RULES.refuseEveryMs) return undefined;
    this.refusedAtMs.set(code, now);
    return { ...new VoiceError(code).toWire(), nextPos: this.deps.buffer.endPos };
  }
}

/** The part of a frame that lies before `endPos`. */
function trimTo(frame: AudioFrame, endPos: number | undefined): AudioFrame {
  if (endPos === undefined || frame.pos === undefined) return frame;
  return { pos: frame.pos, pcm: frame.pcm.subarray(0, Math.max(0, endPos - frame.pos) * BYTES_PER_SAMPLE) };
}
