import type { Clock } from '../../../lib/clock.ts';
import type { RelayRules } from './rules.ts';

/** How much audio may go to the recogniser now: `rate` × wall time, with a small burst after a rest. */
export class Pacer {
  private allowanceMs: number;
  private at: number;
  private readonly clock: Clock;
  private readonly rules: RelayRules;
  private readonly cautiousUntil: number;

  /** @param cautiousUntil before it (epoch ms) only real time is taken: the service has complained of too much */
  constructor(clock: Clock, rules: RelayRules, cautiousUntil: number) {
    this.clock = clock;
    this.rules = rules;
    this.cautiousUntil = cautiousUntil;
    this.allowanceMs = rules.burstMs;
    this.at = clock.now();
  }

  /** Ms of audio that may go now. */
  available(): number {
    const now = this.clock.now();
    const rate = now < this.cautiousUntil ? this.rules.cautiousRate : this.rules.catchUpRate;
    this.allowanceMs = Math.min(this.rules.burstMs, this.allowanceMs + (now - this.at) * rate);
    this.at = now;
    return this.allowanceMs;
  }

  spend(ms: number): void {
    this.allowanceMs -= ms;
  }
}
