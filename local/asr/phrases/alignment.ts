import { CELL_MARGIN, type PhraseBank, type Template } from './bank.ts';
import { DIMENSIONS, FeatureExtractor } from './features.ts';
import { FRAME_MS, TUNING } from './tuning.ts';

/** Apart from the others: read in the innermost loop. */
const { distanceCap, localCostRate, maxLocalCost } = TUNING;

/** Larger than any path's cost. */
const IMPOSSIBLE = 1e9;
const NO_MATCH = 1e8;
/** The distance of a good match: what the running local cost begins with. */
const TYPICAL_COST = 0.3;

/** A phrase that would be complete now. */
export interface Completion {
  template: Template;
  /** Mean distance per frame. */
  cost: number;
  /** Largest running mean of the distance along the path. */
  localCost: number;
}

/** How far the likeliest phrases have got. */
export interface Progress {
  template: Template;
  /** Characters that all likely phrases agree on and that were spoken already. */
  chars: number;
  /** Part of the template that was spoken, 0 … 1. */
  fraction: number;
}

export const isMatch = (completion: Completion | null | undefined): completion is Completion =>
  completion != null && completion.cost <= TUNING.maxCost && completion.localCost <= maxLocalCost;

/**
 * Aligns the stream from one onset of speech with every template at once (online dynamic time warping).
 * A path advances 0 … 4 template frames per input frame, so that all paths have the same number of local costs and
 * cost per frame needs no correction for length. Two kinds of paths die: those far behind the best one, and those with
 * a bad stretch (one wrong word) however good the rest is.
 */
export class Alignment {
  readonly #extractor: FeatureExtractor;
  readonly #input = new Float32Array(DIMENSIONS);
  /** Cost, running local cost and its maximum, per cell; two rows each, of the former and the present frame. */
  #costs: [Float32Array, Float32Array];
  #locals: [Float32Array, Float32Array];
  #worsts: [Float32Array, Float32Array];
  #candidates: Candidate[];
  #frame = -1;
  #best = 0;

  constructor(bank: PhraseBank) {
    this.#extractor = new FeatureExtractor(bank.whitening, 1);
    const row = (): Float32Array => new Float32Array(bank.cells);
    this.#costs = [row().fill(IMPOSSIBLE), row().fill(IMPOSSIBLE)];
    this.#locals = [row(), row()];
    this.#worsts = [row(), row()];
    this.#candidates = bank.templates.map((template) => new Candidate(template));
  }

  get alive(): boolean {
    return this.#candidates.length > 0;
  }

  step(energies: Float32Array, noise: Float32Array): void {
    if (!this.alive) return;
    this.#frame++;
    this.#extractor.next(energies, noise, this.#input, 0);
    this.#costs.reverse();
    this.#locals.reverse();
    this.#worsts.reverse();
    const bound = this.#frame === 0 ? IMPOSSIBLE : this.#best + TUNING.beam;
    let best = IMPOSSIBLE;
    let dead = 0;
    for (const candidate of this.#candidates) {
      const reached = this.#frame === 0 ? this.#begin(candidate) : this.#advance(candidate, bound);
      candidate.cost = reached / (this.#frame + 1);
      if (reached >= IMPOSSIBLE || (this.#frame > 25 && candidate.cost > TUNING.maxCost * 1.3)) {
        candidate.dead = true;
        dead++;
        continue;
      }
      if (reached < best) best = reached;
    }
    if (dead > 0) this.#candidates = this.#candidates.filter((candidate) => !candidate.dead);
    this.#best = best;
  }

  /** The first frame: a path may start a little inside the template. */
  #begin(candidate: Candidate): number {
    const { template } = candidate;
    const last = Math.min(template.length - 1, TUNING.slackFrames);
    let best = IMPOSSIBLE;
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

  #advance(candidate: Candidate, bound: number): number {
    const { template } = candidate;
    const [costs, formerCosts] = this.#costs;
    const [locals, formerLocals] = this.#locals;
    const [worsts, formerWorsts] = this.#worsts;
    const penalty = TUNING.tempoPenalty;
    const from = Math.max(candidate.from, Math.floor(1.4 * this.#frame) - TUNING.slackFrames);
    const to = Math.min(
      template.length - 1,
      candidate.to + 4,
      Math.ceil(2.7 * this.#frame) + TUNING.slackFrames,
    );
    const base = template.offset + CELL_MARGIN;
    // What the next frame may look at; cells before the template's first are never written and stay impossible.
    costs.fill(IMPOSSIBLE, base + Math.max(0, from - 4), base + Math.max(0, to + 5));
    let [best, first, last] = [IMPOSSIBLE, -1, -1];
    for (let j = from; j <= to; j++) {
      const cell = base + j;
      let cost = formerCosts[cell - 2] as number;
      let origin = cell - 2;
      let other = (formerCosts[cell - 1] as number) + penalty;
      if (other < cost) {
        cost = other;
        origin = cell - 1;
      }
      other = (formerCosts[cell - 3] as number) + penalty;
      if (other < cost) {
        cost = other;
        origin = cell - 3;
      }
      other = (formerCosts[cell] as number) + 2 * penalty;
      if (other < cost) {
        cost = other;
        origin = cell;
      }
      other = (formerCosts[cell - 4] as number) + 2 * penalty;
      if (other < cost) {
        cost = other;
        origin = cell - 4;
      }
      if (cost > bound) continue;
      const distance = this.#distance(template, j);
      const former = formerLocals[origin] as number;
      const local = former + localCostRate * (distance - former);
      if (local > maxLocalCost) continue;
      cost += distance;
      costs[cell] = cost;
      locals[cell] = local;
      const worst = Math.max(formerWorsts[origin] as number, local);
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

  /** The best phrase that would be complete at this frame, whether or not it is a match. */
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
  hopeful(): boolean {
    return this.#candidates.some((candidate) => candidate.cost <= TUNING.maxCost);
  }

  /** What can be shown now, or null: the prefix that every plausible phrase has in common, as far as it was spoken. */
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
    return chars > 0 ? { template, chars, fraction } : null;
  }
}

/** The state of one template in an alignment. */
class Candidate {
  /** Mean cost per frame of its best path. */
  cost = 0;
  localCost = 0;
  /** Template frame that its best path has reached. */
  position = 0;
  /** Cells that are reachable. */
  from = 0;
  to = 0;
  dead = false;
  readonly template: Template;

  constructor(template: Template) {
    this.template = template;
  }
}
