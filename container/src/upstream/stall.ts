import type { LevelMeter } from './level-meter.ts';
import type { RelayRules } from './rules.ts';
import type { UpstreamStream } from './stream.ts';

/**
 * Notices a recogniser that takes audio and says nothing: loud audio went out a while ago, and no event came.
 * It may also be noise. Then a second connection hears the same in vain, after which the noise counts as decided
 * and the retry grows.
 */
export class StallDetector {
  private readonly rules: RelayRules;
  private waitMs: number;
  private vain: { checkpointPos: number; heardPos: number } | undefined;

  constructor(rules: RelayRules) {
    this.rules = rules;
    this.waitMs = rules.stallWaitMs;
  }

  /** Audio went out. */
  sent(gen: UpstreamStream, levels: LevelMeter, nowMs: number): void {
    if (gen.loudSinceAt === undefined && levels.firstLoud(gen.answeredPos, gen.sentPos) < gen.sentPos)
      gen.loudSinceAt = nowMs;
  }

  /** The recogniser said something. */
  heard(gen: UpstreamStream, final: boolean): void {
    gen.loudSinceAt = undefined;
    gen.answeredPos = gen.sentPos;
    if (!final) return;
    this.waitMs = this.rules.stallWaitMs;
    this.vain = undefined;
  }

  /** Whether `gen` has been silent for too long. */
  check(gen: UpstreamStream, levels: LevelMeter, nowMs: number): boolean {
    if (gen.loudSinceAt === undefined || nowMs - gen.loudSinceAt < this.waitMs) return false;
    return levels.loudMs(gen.answeredPos, gen.sentPos) >= this.rules.stallLoudMs;
  }

  /**
   * `gen` is given up.
   * @returns up to where the audio is decided: two connections heard it and found no sentence in it
   */
  stalled(gen: UpstreamStream, checkpointPos: number, marginSamples: number): number {
    const before = this.vain;
    this.vain = { checkpointPos, heardPos: gen.sentPos };
    this.waitMs = Math.min(this.waitMs * 2, this.rules.stallWaitMaxMs);
    if (gen.open || before?.checkpointPos !== checkpointPos) return checkpointPos;
    return Math.max(checkpointPos, Math.min(before.heardPos, gen.sentPos) - marginSamples);
  }
}
