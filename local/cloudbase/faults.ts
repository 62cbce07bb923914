import * as v from 'valibot';
import { seededRandom } from '../../lib/random.ts';

const chance = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const milliseconds = v.pipe(v.number(), v.minValue(0), v.maxValue(600_000));

const ruleSchema = v.strictObject({
  /** Which actions: `database.modifyDocument`, `database.*`, `storage.*`, `call.history`, `http.*`; default all. */
  match: v.optional(v.string(), '*'),
  /** Only requests for this collection. */
  collection: v.optional(v.string()),
  /** Before anything else happens: a number, or a range to draw from. */
  delayMs: v.optional(v.union([milliseconds, v.tuple([milliseconds, milliseconds])])),
  /**
   * `error`: an answer with `code`; `http-500`: status 500 with a body that is not JSON; `refuse`: the connection
   * is cut and nothing is done; `lose-answer`: all is done, then the connection is cut; `late`: the connection is cut, and
   * all is done `lateMs` later, when the caller may have repeated the request.
   */
  effect: v.optional(v.picklist(['error', 'http-500', 'refuse', 'lose-answer', 'late'])),
  lateMs: v.optional(v.union([milliseconds, v.tuple([milliseconds, milliseconds])]), [1_000, 10_000]),
  code: v.optional(v.string(), 'SYS_ERR'),
  message: v.optional(v.string(), 'injected fault'),
  /** Of the matching requests, the share that it applies to; default all. */
  probability: v.optional(chance, 1),
  /** How many times in all; default without end. */
  times: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
});

const faultPlanSchema = v.strictObject({
  /** Of the random numbers: the same seed and the same requests get the same faults. */
  seed: v.optional(v.pipe(v.number(), v.integer()), 1),
  rules: v.array(ruleSchema),
});

export type FaultPlan = v.InferInput<typeof faultPlanSchema>;
type FaultRule = v.InferOutput<typeof ruleSchema>;

/** What the rules decide for one request. */
export interface FaultDecision {
  delayMs: number;
  effect: FaultRule['effect'];
  /** With the effect `late`. */
  lateMs: number;
  code: string;
  message: string;
}

/** Injected faults. Rules are tried in order: delays add up, of the effects the first that applies counts. */
export class Faults {
  #rules: { rule: FaultRule; pattern: RegExp; hits: number }[] = [];
  #random = seededRandom(1);

  /** Replaces the plan. @throws where it is not a plan. */
  set(plan: FaultPlan): void {
    const { seed, rules } = v.parse(faultPlanSchema, plan);
    this.#random = seededRandom(seed);
    this.#rules = rules.map((rule) => ({ rule, pattern: asPattern(rule.match), hits: 0 }));
  }

  clear(): void {
    this.#rules = [];
  }

  /** The rules in force and how often each has applied. */
  status(): { rule: FaultRule; hits: number }[] {
    return this.#rules.map(({ rule, hits }) => ({ rule, hits }));
  }

  decide(action: string, collection?: string): FaultDecision {
    const decision: FaultDecision = { delayMs: 0, effect: undefined, lateMs: 0, code: '', message: '' };
    for (const entry of this.#rules) {
      const { rule } = entry;
      if (rule.effect && decision.effect) continue;
      if (!entry.pattern.test(action) || (rule.collection !== undefined && rule.collection !== collection))
        continue;
      if (rule.times !== undefined && entry.hits >= rule.times) continue;
      if (rule.probability < 1 && this.#random() >= rule.probability) continue;
      entry.hits++;
      decision.delayMs += this.#draw(rule.delayMs ?? 0);
      if (rule.effect)
        Object.assign(decision, {
          effect: rule.effect,
          lateMs: rule.effect === 'late' ? this.#draw(rule.lateMs) : 0,
          code: rule.code,
          message: rule.message,
        });
    }
    return decision;
  }

  #draw(delayMs: number | [number, number]): number {
    if (typeof delayMs === 'number') return delayMs;
    const [least, most] = delayMs;
    return least + this.#random() * (most - least);
  }
}

const asPattern = (match: string): RegExp =>
  new RegExp(`^${match.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
