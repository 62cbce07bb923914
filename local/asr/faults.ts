import * as v from 'valibot';
import { seededRandom } from '../../lib/random.ts';
import { isAsrCode } from './realtime/codes.ts';

const ms = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(600_000));

/** Which streams a fault hits; all that follow where neither is given. */
const scope = {
  /** Only the next so many. */
  times: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  /** Each with this chance, drawn from a generator seeded with `seed`. */
  probability: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  seed: v.optional(v.pipe(v.number(), v.integer()), 1),
};
/** When so much audio was heard; absent: before any. */
const afterAudioMs = v.optional(ms);

const faultSchema = v.variant('kind', [
  /** An error code; without `afterAudioMs` it comes instead of the handshake. */
  v.strictObject({
    kind: v.literal('code'),
    code: v.pipe(v.number(), v.guard(isAsrCode, 'not a code of the service')),
    afterAudioMs,
    ...scope,
  }),
  /** The upgrade is answered with this status. */
  v.strictObject({ kind: v.literal('http'), status: v.picklist([400, 503]), ...scope }),
  v.strictObject({ kind: v.literal('delay-handshake'), ms, ...scope }),
  /** The TCP connection goes away without a close frame. */
  v.strictObject({ kind: v.literal('drop'), afterAudioMs, ...scope }),
  /** A close frame without `final`; without `afterAudioMs` right after the handshake. */
  v.strictObject({ kind: v.literal('close'), afterAudioMs, ...scope }),
  /** Audio is taken and nothing is answered any more. */
  v.strictObject({ kind: v.literal('stall'), afterAudioMs, ...scope }),
  /** `word_list` is null in every result. */
  v.strictObject({ kind: v.literal('null-word-list'), ...scope }),
  /** Results before a sentence's end are left out: each sentence's first has slice_type 2. */
  v.strictObject({ kind: v.literal('final-only'), ...scope }),
  /** After `end` the last sentence comes, but never `final`, and the connection stays open. */
  v.strictObject({ kind: v.literal('withhold-final'), ...scope }),
  /** Results carry fields that the documentation does not name (`emotion_type: null`). */
  v.strictObject({ kind: v.literal('extra-fields'), ...scope }),
]);

export type Fault = v.InferInput<typeof faultSchema>;
export type FaultKind = Fault['kind'];
type ParsedFault = v.InferOutput<typeof faultSchema>;
type FaultOf<K extends FaultKind> = Extract<ParsedFault, { kind: K }>;

/** The faults that hit one stream. */
export class FaultPlan {
  readonly #faults: readonly ParsedFault[];
  constructor(faults: readonly ParsedFault[] = []) {
    this.#faults = faults;
  }
  get<K extends FaultKind>(kind: K): FaultOf<K> | undefined {
    return this.#faults.find((fault): fault is FaultOf<K> => fault.kind === kind);
  }
}

interface Armed {
  fault: ParsedFault;
  remaining: number;
  random: () => number;
}

/** Faults that can be switched on while the server runs. */
export class Faults {
  #armed: Armed[] = [];
  #fired: Partial<Record<FaultKind, number>> = {};

  /**
   * Replaces all faults. Of several that hit the same stream and are of one kind, the first counts.
   * @throws {v.ValiError} where a fault is not valid
   */
  set(faults: Fault | readonly Fault[]): void {
    const parsed = v.parse(v.array(faultSchema), Array.isArray(faults) ? faults : [faults]);
    this.#armed = parsed.map((fault) => ({
      fault,
      remaining: fault.times ?? Number.POSITIVE_INFINITY,
      random: seededRandom(fault.seed),
    }));
  }

  clear(): void {
    this.#armed = [];
  }

  /** How many streams each kind has hit. */
  get fired(): Readonly<Partial<Record<FaultKind, number>>> {
    return this.#fired;
  }

  /** The faults for the next stream; counts them as used. */
  draw(): FaultPlan {
    const hit = this.#armed.filter((armed) => {
      if (armed.remaining <= 0) return false;
      if (armed.fault.probability !== undefined && armed.random() >= armed.fault.probability) return false;
      armed.remaining--;
      return true;
    });
    for (const { fault } of hit) this.#fired[fault.kind] = (this.#fired[fault.kind] ?? 0) + 1;
    return new FaultPlan(hit.map(({ fault }) => fault));
  }
}
