import type { AsrFailure } from '../asr/types.ts';
import type { LevelMeter } from './level-meter.ts';
import type { RelayRules } from './rules.ts';
import type { UpstreamStream } from './stream.ts';

/** A connection that says nothing. */
export const STALLED: AsrFailure = { reason: 'network', class: 'retriable', error: 'ASR_UNAVAILABLE' };

/** Counts the recogniser's failures: how long to wait before the next connection, and when it counts as unavailable. */
export class RetryPolicy {
  private readonly rules: RelayRules;
  private readonly random: () => number;
  private failures = 0;
  private downSinceMs: number | undefined;
  private reported = false;
  private newest: AsrFailure | undefined;

  /** @param random in [0, 1) */
  constructor(rules: RelayRules, random: () => number) {
    this.rules = rules;
    this.random = random;
  }

  /** No connection is there, or none that was taken. */
  get isDown(): boolean {
    return this.downSinceMs !== undefined;
  }

  /** The newest failure since there was progress. */
  get lastFailure(): AsrFailure | undefined {
    return this.newest;
  }

  connecting(nowMs: number): void {
    this.downSinceMs ??= nowMs;
  }

  /** The connection was taken, or none is needed; whether it is any good, {@link progress} says. */
  connected(): void {
    this.downSinceMs = undefined;
  }

  /** @returns ms to wait before the next connection */
  failed(failure: AsrFailure, nowMs: number): number {
    const { backoffMs } = this.rules;
    this.downSinceMs ??= nowMs;
    this.failures += 1;
    this.newest = failure;
    const base = backoffMs[Math.min(this.failures, backoffMs.length) - 1] as number;
    return Math.max(base * (1 - this.random() / 2), failure.retryAfterMs ?? 0);
  }

  /** Whether the recogniser is to be reported as unavailable now: once, until there is progress. */
  shouldReport(nowMs: number): boolean {
    const long = this.downSinceMs !== undefined && nowMs - this.downSinceMs >= this.rules.unavailableAfterMs;
    if (this.reported || !(long || this.failures >= this.rules.unavailableAfterFailures)) return false;
    this.reported = true;
    return true;
  }

  /** It recognises. @returns whether it had been reported as unavailable */
  progress(): boolean {
    const wasReported = this.reported;
    this.failures = 0;
    this.newest = undefined;
    this.downSinceMs = undefined;
    this.reported = false;
    return wasReported;
  }
}

/**
 * Detects a recogniser that takes audio and answers nothing: loud audio was sent a while ago, and no event came. It may also
 * be noise: then a second stream is sent the same audio and says nothing either, after which that audio is settled and
 * the wait grows.
 */
export class StallDetector {
  private readonly rules: RelayRules;
  private readonly levels: LevelMeter;
  private waitMs: number;
  /** When loud audio was sent that nothing was said about yet. */
  private loudSinceMs: number | undefined;
  /** Loud audio before it was answered by some event. */
  private answeredPos = 0;
  private previous: { checkpointPos: number; sentPos: number } | undefined;

  constructor(rules: RelayRules, levels: LevelMeter) {
    this.rules = rules;
    this.levels = levels;
    this.waitMs = rules.stallWaitMs;
  }

  /** A new stream begins at `pos`. */
  begin(pos: number): void {
    this.loudSinceMs = undefined;
    this.answeredPos = pos;
  }

  /** Audio up to `sentPos` was sent. */
  sent(sentPos: number, nowMs: number): void {
    if (this.loudSinceMs === undefined && this.levels.firstLoud(this.answeredPos, sentPos) < sentPos)
      this.loudSinceMs = nowMs;
  }

  /** The recogniser said something, having been sent audio up to `sentPos`. */
  answered(sentPos: number, final: boolean): void {
    this.loudSinceMs = undefined;
    this.answeredPos = sentPos;
    if (!final) return;
    this.waitMs = this.rules.stallWaitMs;
    this.previous = undefined;
  }

  isStalled(sentPos: number, nowMs: number): boolean {
    if (this.loudSinceMs === undefined || nowMs - this.loudSinceMs < this.waitMs) return false;
    return this.levels.loudMs(this.answeredPos, sentPos) >= this.rules.stallLoudMs;
  }

  /**
   * `stream` is given up.
   * @returns up to where the audio is settled: two streams were sent it and found no sentence in it
   */
  giveUp(stream: UpstreamStream, checkpointPos: number, marginSamples: number): number {
    const before = this.previous;
    this.previous = { checkpointPos, sentPos: stream.sentPos };
    this.waitMs = Math.min(this.waitMs * 2, this.rules.stallWaitMaxMs);
    if (stream.midSentence || before?.checkpointPos !== checkpointPos) return checkpointPos;
    return Math.max(checkpointPos, Math.min(before.sentPos, stream.sentPos) - marginSamples);
  }
}
