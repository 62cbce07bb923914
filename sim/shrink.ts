import type { Plan } from './plan.ts';
import type { PlanRunner } from './sweep.ts';
import type { WorkerReport } from './worker.ts';

/** A plan is run at most this often, and for about this long, while it is made smaller. */
const MAX_RUNS = 600;
const MAX_MS = 180_000;
/** Recordings are whole frames long. */
const FRAME_MS = 200;
/** What a session cannot be without. */
const NEEDED = ['number', 'openid', 'startAtMs', 'lengthMs', 'words', 'end'];

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

export interface Shrunk {
  plan: Plan;
  /** Of the smallest plan. */
  report: WorkerReport;
  /** How often a plan was run. */
  runs: number;
}

/**
 * Makes a failing plan smaller, as long as the same rule is still broken: whatever there are several of (sessions, faults,
 * words) is left out in halves, quarters, … one by one; recordings and other durations are shortened; what is optional is
 * left out. Again and again until nothing helps.
 * @param now ms, for the limit of time
 * @param onProgress called before each run
 */
export async function shrink(
  runner: PlanRunner,
  failing: { plan: Plan; report: WorkerReport },
  now: () => number,
  onProgress: (runs: number) => void = () => {},
): Promise<Shrunk> {
  const shrinker = new Shrinker(runner, failing, now, onProgress);
  await shrinker.run();
  return { plan: shrinker.plan, report: shrinker.report, runs: shrinker.runs };
}

class Shrinker {
  plan: Plan;
  report: WorkerReport;
  runs = 0;
  readonly #runner: PlanRunner;
  readonly #rule: string | undefined;
  readonly #now: () => number;
  readonly #untilMs: number;
  readonly #onProgress: (runs: number) => void;

  constructor(
    runner: PlanRunner,
    { plan, report }: { plan: Plan; report: WorkerReport },
    now: () => number,
    onProgress: (runs: number) => void,
  ) {
    this.#runner = runner;
    this.plan = plan;
    this.report = report;
    this.#rule = report.violations[0]?.rule;
    this.#now = now;
    this.#untilMs = now() + MAX_MS;
    this.#onProgress = onProgress;
  }

  async run(): Promise<void> {
    const named = /session-(\d+)/.exec(this.report.violations[0]?.detail ?? '')?.[1];
    if (named !== undefined)
      await this.#try((plan) => {
        const all = plan.sessions as JsonObject[];
        plan.sessions = all.filter(({ number }) => number === Number(named));
        return all.length > 1;
      });
    for (let size = Number.POSITIVE_INFINITY; sizeOf(this.plan) < size && !this.#isOver; ) {
      size = sizeOf(this.plan);
      await this.#shrinkLists(this.plan as unknown as JsonObject, (plan) => plan);
      for (let i = 0; i < this.plan.sessions.length; i++) {
        const session = (plan: JsonObject) => (plan.sessions as JsonObject[])[i];
        await this.#shortenTimes(session);
        await this.#leaveOutFields(session);
        await this.#shrinkLists(this.plan.sessions[i] as unknown as JsonObject, session);
      }
      for (let i = 0; i < this.plan.faults.length; i++)
        await this.#shortenTimes((plan) => (plan.faults as JsonObject[])[i]);
    }
  }

  get #isOver(): boolean {
    return this.runs >= MAX_RUNS || this.#now() > this.#untilMs;
  }

  /** Takes the change where the same rule is still broken with it. @param change returns false where it changes nothing */
  async #try(change: (plan: JsonObject) => boolean): Promise<boolean> {
    const candidate = structuredClone(this.plan);
    if (this.#isOver || !change(candidate as unknown as JsonObject)) return false;
    if (candidate.sessions.length === 0) return false;
    this.runs += 1;
    this.#onProgress(this.runs);
    const report = await this.#runner.run(candidate);
    if (!report || report.violations[0]?.rule !== this.#rule) return false;
    this.plan = candidate;
    this.report = report;
    return true;
  }

  /** Leaves out parts of every list of an object of the plan. */
  async #shrinkLists(object: JsonObject, at: (plan: JsonObject) => JsonObject | undefined): Promise<void> {
    const lengthOf = (plan: JsonObject, key: string) => (at(plan)?.[key] as Json[] | undefined)?.length ?? 0;
    for (const key of Object.keys(object).filter((name) => Array.isArray(object[name])))
      for (let part = lengthOf(this.#json, key); part >= 1; part = part > 1 ? Math.ceil(part / 2) : 0)
        for (let from = 0; from < lengthOf(this.#json, key); )
          if (!(await this.#leaveOut(key, at, from, part))) from += part;
  }

  #leaveOut(
    key: string,
    at: (plan: JsonObject) => JsonObject | undefined,
    from: number,
    count: number,
  ): Promise<boolean> {
    return this.#try((plan) => (at(plan)?.[key] as Json[] | undefined)?.splice(from, count).length !== 0);
  }

  /** Leaves out whatever is not needed: without what is, the run breaks another rule. */
  async #leaveOutFields(at: (plan: JsonObject) => JsonObject | undefined): Promise<void> {
    for (const key of Object.keys(at(this.#json) ?? {}).filter((name) => !NEEDED.includes(name)))
      await this.#try((plan) => delete (at(plan) as JsonObject)[key]);
  }

  /** Durations and times: nothing, or half of it as long as that goes. */
  async #shortenTimes(at: (plan: JsonObject) => JsonObject | undefined): Promise<void> {
    const isTime = (key: string) => /(^m|M)s$/.test(key);
    for (const key of Object.keys(at(this.#json) ?? {}).filter(isTime)) {
      const set = (value: (was: number) => number) =>
        this.#try((plan) => {
          const object = at(plan) as JsonObject;
          const was = object[key] as number;
          object[key] = value(was);
          return typeof was === 'number' && value(was) !== was;
        });
      if (key !== 'lengthMs' && (await set(() => 0))) continue;
      while (await set((was) => halfOf(was))) {
        // Half of it is enough: perhaps a quarter is, too.
      }
    }
  }

  get #json(): JsonObject {
    return this.plan as unknown as JsonObject;
  }
}

const halfOf = (ms: number): number => Math.floor(ms / 2 / FRAME_MS) * FRAME_MS || ms;

const sizeOf = (plan: Plan): number => JSON.stringify(plan).length;
