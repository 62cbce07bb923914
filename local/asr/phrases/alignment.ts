import { CELL_MARGIN, type PhraseBank, type Template } from './bank.ts';
import { DIMENSIONS, FeatureExtractor } from './features.ts';
import { FRAME_MS, TUNING } from './tuning.ts';

/** In constants of their own, because the innermost loop reads them. */
const { distanceCap, localCostRate, maxLocalCost } = TUNING;

/** Cost of a cell that no path reaches. */
const UNREACHABLE = 1e9;
/** Costs from here on contain an unreachable cell. */
const NO_MATCH = 1e8;
/** Distance in a good match: the initial value of the running local cost. */
const TYPICAL_COST = 0.3;

/** A phrase that would be complete at the current frame. */
export interface Completion {
  template: Template;
  /** Mean distance per frame. */
  cost: number;
  /** Largest running mean of the distance along the path. */
  localCost: number;
}

/** How much of the most likely phrases was spoken. */
export interface Progress {
  template: Template;
  /** Number of characters that all plausible phrases have in common and that were spoken. */
  chars: number;
  /** Part of the template that was spoken, 0 … 1. */
  fraction: number;
}

export const isMatch = (completion: Completion | null | undefined): completion is Completion =>
  completion != null && completion.cost <= TUNING.maxCost && completion.localCost <= maxLocalCost;

/**
 * Aligns the stream from one onset of speech with all templates (online dynamic time warping).
 * A path advances 0 … 4 template frames per input frame; thus all paths have the same number of local costs, and the cost
 * per frame needs no correction for length. A path is dropped when it costs much more than the best one, or when its running
 * local cost is too high anywhere (one wrong word), however low its total.
 */
export class Alignment {
  readonly #extractor: FeatureExtractor;
  readonly #input = new Float32Array(DIMENSIONS);
  /** Cost, running local cost and its maximum, per cell; each for the current and the previous frame. */
  #costs: [Float32Array, Float32Array];
  #locals: [Float32Array, Float32Array];
  #worsts: [Float32Array, Float32Array];
  #candidates: Candidate[];
  #frame = -1;
  #best = 0;

  constructor(bank: PhraseBank) {
    this.#extractor = new FeatureExtractor(bank.whitening, 1);
    const row = (): Float32Array => new Float32Array(bank.cells);
    this.#costs = [row().fill(UNREACHABLE), row().fill(UNREACHABLE)];
    this.#locals = [row(), row()];
    this.#worsts = [row(), row()];
    this.#candidates = bank.templates.map((template) => new Candidate(template));
  }

  /** Processes the next frame. */
  step(energies: Float32Array, noise: Float32Array): void {
    if (this.#candidates.length === 0) return;
    this.#frame++;
    this.#extractor.next(energies, noise, this.#input, 0);
    this.#costs.reverse();
    this.#locals.reverse();
    this.#worsts.reverse();
    const bound = this.#frame === 0 ? UNREACHABLE : this.#best + TUNING.beam;
    let best = UNREACHABLE;
    for (const candidate of this.#candidates) {
      const reached = this.#frame === 0 ? this.#begin(candidate) : this.#advance(candidate, bound);
      candidate.cost = reached / (this.#frame + 1);
      if (reached >= UNREACHABLE || (this.#frame > 25 && candidate.cost > TUNING.maxCost * 1.3)) {
        candidate.dropped = true;
        continue;
      }
      if (reached < best) best = reached;
    }
    if (this.#candidates.some(({ dropped }) => dropped))
      this.#candidates = this.#candidates.filter(({ dropped }) => !dropped);
    this.#best = best;
  }

  /** The first frame. A path may start up to `slackFrames` inside the template. @returns the lowest cost */
  #begin(candidate: Candidate): number {
    const { template } = candidate;
    const last = Math.min(template.length - 1, TUNING.slackFrames);
    let best = UNREACHABLE;
    for (let j = 0; j <= last; j++) {
      const cost = (j * TUNING.skipCost) / 4 + this.#distance(template, j);
      const cell = template.offset + CELL_MARGIN + j;
      this.#costs[0][cell] = cost;
      this.#locals[0][cell] = TYPICAL_COST;
      this.#worsts[0][cell] = TYPICAL_COST;
      if (cost < best) {
        best = cost;
        candidate.position = j;
        candidate.localCost = TYPICAL_COST;
      }
    }
    candidate.from = 0;
    candidate.to = last;
    return best;
  }

  /** A further frame. Paths that cost more than `bound` are dropped. @returns the lowest cost */
  #advance(candidate: Candidate, bound: number): number {
    const { template } = candidate;
    const [costs, previousCosts] = this.#costs;
    const [locals, previousLocals] = this.#locals;
    const [worsts, previousWorsts] = this.#worsts;
    const penalty = TUNING.tempoPenalty;
    const from = Math.max(candidate.from, Math.floor(1.4 * this.#frame) - TUNING.slackFrames);
    const to = Math.min(
      template.length - 1,
      candidate.to + 4,
      Math.ceil(2.7 * this.#frame) + TUNING.slackFrames,
    );
    const base = template.offset + CELL_MARGIN;
    // all cells that the next frame may read; cells before the template's first are never written and stay unreachable
    costs.fill(UNREACHABLE, base + Math.max(0, from - 4), base + Math.max(0, to + 5));
    let [best, first, last] = [UNREACHABLE, -1, -1];
    for (let j = from; j <= to; j++) {
      const cell = base + j;
      let cost = previousCosts[cell - 2] as number;
      let origin = cell - 2;
      let other = (previousCosts[cell - 1] as number) + penalty;
      if (other < cost) {
        cost = other;
        origin = cell - 1;
      }
      other = (previousCosts[cell - 3] as number) + penalty;
      if (other < cost) {
        cost = other;
        origin = cell - 3;
      }
      other = (previousCosts[cell] as number) + 2 * penalty;
      if (other < cost) {
        cost = other;
        origin = cell;
      }
      other = (previousCosts[cell - 4] as number) + 2 * penalty;
      if (other < cost) {
        cost = other;
        origin = cell - 4;
      }
      if (cost > bound) continue;
      const distance = this.#distance(template, j);
      const previous = previousLocals[origin] as number;
      const local = previous + localCostRate * (distance - previous);
      if (local > maxLocalCost) continue;
      cost += distance;
      costs[cell] = cost;
      locals[cell] = local;
      const worst = Math.max(previousWorsts[origin] as number, local);
      worsts[cell] = worst;
      if (first < 0) first = j;
      last = j;
      if (cost < best) {
        best = cost;
        candidate.position = j;
        candidate.localCost = worst;
      }
    }
    candidate.from = Math.max(0, first);
    candidate.to = last;
    return best;
  }

  #distance(template: Template, frame: number): number {
    const { features } = template;
    const input = this.#input;
    let sum = 0;
    for (let k = 0, at = frame * input.length; k < input.length; k++, at++) {
      const difference = (input[k] as number) - (features[at] as number);
      sum += difference * difference;
    }
    return Math.min(Math.sqrt(sum), distanceCap);
  }

  /** The best phrase that would be complete at this frame, also when it is no match; null: none can be. */
  complete(): Completion | null {
    let best: Completion | null = null;
    for (const candidate of this.#candidates) {
      const { template } = candidate;
      const base = template.offset + CELL_MARGIN;
      const from = Math.max(candidate.from, template.length - 1 - TUNING.slackFrames);
      for (let j = from; j <= candidate.to; j++) {
        const reached = this.#costs[0][base + j] as number;
        if (reached >= NO_MATCH) continue;
        const skipped = Math.max(0, template.length - 1 - j - 4) / 2;
        const cost = (reached + skipped * TUNING.skipCost) / (this.#frame + 1 + skipped);
        if (cost < (best?.cost ?? NO_MATCH)) {
          best = { template, cost, localCost: this.#worsts[0][base + j] as number };
        }
      }
    }
    return best;
  }

  /** Whether any phrase can still become a match. */
  canMatch(): boolean {
    return this.#candidates.some((candidate) => candidate.cost <= TUNING.maxCost);
  }

  /** The prefix that all plausible phrases have in common, as far as it was spoken; null: there is none. */
  progress(): Progress | null {
    if ((this.#frame + 1) * FRAME_MS < TUNING.minPartialMs) return null;
    const ranked = [...this.#candidates].sort((a, b) => a.cost - b.cost);
    const leader = ranked[0];
    if (!leader || leader.cost > TUNING.maxCost || leader.localCost > maxLocalCost) return null;
    const { template } = leader;
    const fraction = (leader.position + 1) / template.length;
    let chars = 0;
    while (chars < template.chars.length && (template.charEnds[chars] as number) <= fraction + 0.02) chars++;
    for (const rival of ranked) {
      if (rival.cost > leader.cost + TUNING.partialMargin) break;
      let common = 0;
      while (common < chars && template.chars[common] === rival.template.chars[common]) common++;
      chars = common;
    }
    if (template.chars[chars - 1] === ' ') chars--;
    return chars > 0 ? { template, chars, fraction } : null;
  }
}

/** The state of one template in an alignment. */
class Candidate {
  /** Mean cost per frame of its best path. */
  cost = 0;
  /** Largest running local cost along that path. */
  localCost = 0;
  /** Template frame at which its best path ends. */
  position = 0;
  /** First and last template frame that a path reaches. */
  from = 0;
  to = 0;
  /** It can no longer match. */
  dropped = false;
  readonly template: Template;

  constructor(template: Template) {
    this.template = template;
  }
}
