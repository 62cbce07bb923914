import type { Clock } from '../clock.ts';
import type { RelayRules } from './rules.ts';

/** How much audio may go to the recogniser now: `rate` × wall time, with a small burst after a rest. */
export class Pacer {
  private rate: number;
  private allowanceMs: number;
  private at: number;
  private readonly clock: Clock;
  private readonly rules: RelayRules;

  constructor(clock: Clock, rules: RelayRules, cautious: boolean) {
    this.clock = clock;
    this.rules = rules;
    this.rate = cautious ? rules.cautiousRate : rules.catchUpRate;
    this.allowanceMs = rules.burstMs;
    this.at = clock.now();
  }

  /** Ms of audio that may go now. */
  available(): number {
    const now = this.clock.now();
    this.allowanceMs = Math.min(this.rules.burstMs, this.allowanceMs + (now - this.at) * this.rate);
    this.at = now;
    return this.allowanceMs;
  }

  spend(ms: number): void {
    this.allowanceMs -= ms;
  }
}
