import * as v from 'valibot';
import { seededRandom } from '../../lib/random.ts';
import { isAsrCode } from './realtime/codes.ts';

const ms = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(600_000));

/** Which of the following streams a fault applies to; without `times` and `probability` to all. */
const scope = {
  /** Only to so many, then the fault is used up. */
  times: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  /** To each with this probability, drawn from a generator with this `seed`. */
  probability: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  seed: v.optional(v.pipe(v.number(), v.integer()), 1),
};
/** The fault happens once so much audio was received; absent: before any audio. */
const afterAudioMs = v.optional(ms);

const faultSchema = v.variant('kind', [
  /** An error code; without `afterAudioMs` it replaces the handshake message. */
  v.strictObject({
    kind: v.literal('code'),
    code: v.pipe(v.number(), v.guard(isAsrCode, 'not a code of the service')),
    afterAudioMs,
    ...scope,
  }),
  /** The upgrade is answered with this status. */
  v.strictObject({ kind: v.literal('http'), status: v.picklist([400, 503]), ...scope }),
  v.strictObject({ kind: v.literal('delay-handshake'), ms, ...scope }),
  /** The TCP connection is closed without a close frame. */
  v.strictObject({ kind: v.literal('drop'), afterAudioMs, ...scope }),
  /** A close frame without `final` before it; without `afterAudioMs` right after the handshake message. */
  v.strictObject({ kind: v.literal('close'), afterAudioMs, ...scope }),
  /** Audio is accepted and no further message is sent. */
  v.strictObject({ kind: v.literal('stall'), afterAudioMs, ...scope }),
  /** `word_list` is null in every result. */
  v.strictObject({ kind: v.literal('null-word-list'), ...scope }),
  /** Interim results are left out: each sentence has one result, with slice_type 2. */
  v.strictObject({ kind: v.literal('final-only'), ...scope }),
  /** After `end` the last sentence is sent but no `final`, and the connection stays open. */
  v.strictObject({ kind: v.literal('withhold-final'), ...scope }),
  /** Numbers are spelled in digits, where the engine spells them in Chinese characters. */
  v.strictObject({ kind: v.literal('digits'), ...scope }),
  /** Results carry a field that the documentation does not name (`emotion_type: null`). */
  v.strictObject({ kind: v.literal('extra-fields'), ...scope }),
]);

export type Fault = v.InferInput<typeof faultSchema>;
export type FaultKind = Fault['kind'];
type ParsedFault = v.InferOutput<typeof faultSchema>;
type FaultOf<K extends FaultKind> = Extract<ParsedFault, { kind: K }>;

/** The faults that were drawn for one stream. */
export class FaultDecision {
  readonly #faults: readonly ParsedFault[];
  constructor(faults: readonly ParsedFault[] = []) {
    this.#faults = faults;
  }
  get<K extends FaultKind>(kind: K): FaultOf<K> | undefined {
    return this.#faults.find((fault): fault is FaultOf<K> => fault.kind === kind);
  }
}

interface ActiveFault {
  fault: ParsedFault;
  remaining: number;
  random: () => number;
}

/** The faults that the server injects; set while it runs. */
export class Faults {
  #active: ActiveFault[] = [];
  #fired: Partial<Record<FaultKind, number>> = {};

  /**
   * Replaces all faults. Of several of one kind that apply to the same stream, the first counts.
   * @throws {v.ValiError} when a fault is not valid
   */
  set(faults: Fault | readonly Fault[]): void {
    const parsed = v.parse(v.array(faultSchema), Array.isArray(faults) ? faults : [faults]);
    this.#active = parsed.map((fault) => ({
      fault,
      remaining: fault.times ?? Number.POSITIVE_INFINITY,
      random: seededRandom(fault.seed),
    }));
  }

  clear(): void {
    this.#active = [];
  }

  /** To how many streams each kind was applied. */
  get fired(): Readonly<Partial<Record<FaultKind, number>>> {
    return this.#fired;
  }

  /** Decides which faults apply to the next stream, and counts them. */
  draw(): FaultDecision {
    const drawn = this.#active.filter((active) => {
      if (active.remaining <= 0) return false;
      if (active.fault.probability !== undefined && active.random() >= active.fault.probability) return false;
      active.remaining--;
      return true;
    });
    for (const { fault } of drawn) this.#fired[fault.kind] = (this.#fired[fault.kind] ?? 0) + 1;
    return new FaultDecision(drawn.map(({ fault }) => fault));
  }
}
