import * as v from 'valibot';

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
   * is cut and nothing is done; `lose-answer`: all is done, then the connection is cut.
   */
  effect: v.optional(v.picklist(['error', 'http-500', 'refuse', 'lose-answer'])),
  code: v.optional(v.string(), 'SYS_ERR'),
  message: v.optional(v.string(), 'injected fault'),
  /** How often it strikes; default always. */
  probability: v.optional(chance, 1),
  /** How many times in all; default without end. */
  times: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
});

const faultPlanSchema = v.strictObject({
  /** Of the random numbers: the same seed and the same requests meet the same faults. */
  seed: v.optional(v.pipe(v.number(), v.integer()), 1),
  rules: v.array(ruleSchema),
});

export type FaultPlan = v.InferInput<typeof faultPlanSchema>;
type FaultRule = v.InferOutput<typeof ruleSchema>;

/** What befalls one request. */
export interface Fate {
  delayMs: number;
  effect: FaultRule['effect'];
  code: string;
  message: string;
}

/** Faults on purpose. Rules are tried in order: delays add up, the first effect that strikes is the one. */
export class Faults {
  #rules: { rule: FaultRule; pattern: RegExp; hits: number }[] = [];
  #random = seeded(1);

  /** Replaces the plan. @throws where it is not a plan. */
  set(plan: FaultPlan): void {
    const { seed, rules } = v.parse(faultPlanSchema, plan);
    this.#random = seeded(seed);
    this.#rules = rules.map((rule) => ({ rule, pattern: asPattern(rule.match), hits: 0 }));
  }

  clear(): void {
    this.#rules = [];
  }

  /** The rules in force and how often each has struck. */
  status(): { rule: FaultRule; hits: number }[] {
    return this.#rules.map(({ rule, hits }) => ({ rule, hits }));
  }

  decide(action: string, collection?: string): Fate {
    const fate: Fate = { delayMs: 0, effect: undefined, code: '', message: '' };
    for (const entry of this.#rules) {
      const { rule } = entry;
      if (rule.effect && fate.effect) continue;
      if (!entry.pattern.test(action) || (rule.collection !== undefined && rule.collection !== collection))
        continue;
      if (rule.times !== undefined && entry.hits >= rule.times) continue;
      if (rule.probability < 1 && this.#random() >= rule.probability) continue;
      entry.hits++;
      fate.delayMs += this.#draw(rule.delayMs ?? 0);
      if (rule.effect) Object.assign(fate, { effect: rule.effect, code: rule.code, message: rule.message });
    }
    return fate;
  }

  #draw(delayMs: number | [number, number]): number {
    if (typeof delayMs === 'number') return delayMs;
    const [least, most] = delayMs;
    return least + this.#random() * (most - least);
  }
}

const asPattern = (match: string): RegExp =>
  new RegExp(`^${match.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);

/** Numbers in [0, 1) from a 32-bit state (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
