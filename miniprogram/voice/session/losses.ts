import { MAX_LOSSES, samplesToMs } from '../../../contract/limits.ts';
import type { Loss } from '../../../contract/records.ts';
import type { Range } from './ring.ts';

type Reason = Loss['reason'];

/** Ranges of audio that will not be recognised: disjoint, in order, at most {@link MAX_LOSSES}. */
export class LossList {
  readonly #rateHz: number;
  #losses: (Range & { reason: Reason })[] = [];

  constructor(rateHz: number) {
    this.#rateHz = rateHz;
  }

  /**
   * Adds a range; ranges that touch it are merged with it, and beyond {@link MAX_LOSSES} the last ones are merged.
   * @returns the merged loss that now contains the range; null where it was already contained
   */
  add(range: Range, reason: Reason): Loss | null {
    const known = (other: Range) => other.fromPos <= range.fromPos && other.toPos >= range.toPos;
    if (this.#losses.some(known)) return null;
    const merged = { ...range, reason };
    const separate = this.#losses.filter((other) => {
      const touches = other.fromPos <= merged.toPos && other.toPos >= merged.fromPos;
      if (touches) {
        merged.fromPos = Math.min(merged.fromPos, other.fromPos);
        merged.toPos = Math.max(merged.toPos, other.toPos);
      }
      return !touches;
    });
    this.#losses = [...separate, merged].sort((a, b) => a.fromPos - b.fromPos);
    const last = this.#losses[MAX_LOSSES];
    const beforeLast = this.#losses[MAX_LOSSES - 1];
    if (last && beforeLast) {
      this.#losses = [...this.#losses.slice(0, MAX_LOSSES - 1), { ...beforeLast, toPos: last.toPos }];
    }
    return this.#inMs(merged);
  }

  /** All losses, oldest first. @param unconfirmed a range that is probably lost: included in the result, not added */
  list(unconfirmed: Range | null): Loss[] {
    if (!unconfirmed) return this.#losses.map((loss) => this.#inMs(loss));
    const shown = new LossList(this.#rateHz);
    shown.#losses = this.#losses;
    shown.add(unconfirmed, 'client-overflow');
    return shown.list(null);
  }

  #inMs({ fromPos, toPos, reason }: Range & { reason: Reason }): Loss {
    return {
      startMs: samplesToMs(fromPos, this.#rateHz),
      endMs: samplesToMs(toPos, this.#rateHz),
      reason,
    };
  }
}
