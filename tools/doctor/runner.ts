import type { Clock } from '../../lib/clock.ts';
import { describeSystemError } from '../../lib/system-error.ts';
import { describeFailure } from '../cli.ts';

/**
 * `warned`: it works, but somebody should look at it; `skipped`: it could not be told from here, or there was nothing to check.
 * `cause` says why.
 */
export type Status = 'ok' | 'warned' | 'failed' | 'skipped';

/** What a check has found; these fields are what `--json` prints. */
export interface CheckResult {
  name: string;
  status: Status;
  /** How long it took, ms. */
  ms: number;
  /** What is wrong, or why it was skipped; null: nothing is. */
  cause: string | null;
  /** What to do about it. */
  mend: string | null;
}

/** What people read besides the result. */
export interface Finding extends CheckResult {
  /** What was seen; with `ok` only. */
  text: string;
}

/** A check fails: the cause, and what to do about it. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly mend: string;
  /** Of the refusal that it is about, if it is about one. */
  readonly code: string | undefined;

  constructor(cause: string, mend: string, code?: string) {
    super(cause);
    this.mend = mend;
    this.code = code;
  }
}

/** What a check has seen works, and is worth a look: the cause, and what to do about it. Checks that need it are made. */
export class Warning extends Error {
  override readonly name = 'Warning';
  readonly mend: string;

  constructor(cause: string, mend: string) {
    super(cause);
    this.mend = mend;
  }
}

/** A check does not apply, or cannot be made from here. */
export class Skip extends Error {
  override readonly name = 'Skip';
  readonly mend: string | null;
  /** Checks that need this one are made all the same. */
  readonly harmless: boolean;

  constructor(
    cause: string,
    { mend = null, harmless = false }: { mend?: string | null; harmless?: boolean } = {},
  ) {
    super(cause);
    this.mend = mend;
    this.harmless = harmless;
  }
}

export interface Check<C> {
  name: string;
  /** In words, for people. */
  title: string;
  /** Checks that have to be fine before; else this one is skipped. */
  needs?: readonly string[];
  /** Checks that have to be over before, however they ended. */
  after?: readonly string[];
  /**
   * @returns what was seen, in words
   * @throws Problem, Warning, Skip; anything else is a failure in its own words
   */
  run(context: C): Promise<string>;
}

const NETWORK_FAILED = '检查网络与中间的代理，再试一次；总是这样的话看容器与云函数的日志';
const NOT_FORESEEN = '请带着这段输出报告；DEBUG=1 可以看到堆栈';

/** Makes one check. */
async function make<C>(
  check: Check<C>,
  context: C,
  clock: Clock,
): Promise<[finding: Finding, goOn: boolean]> {
  const { name } = check;
  const startedMs = clock.now();
  const result = (status: Status, cause: string | null, mend: string | null, text = ''): Finding => ({
    name,
    status,
    ms: clock.now() - startedMs,
    cause,
    mend,
    text,
  });
  try {
    return [result('ok', null, null, await check.run(context)), true];
  } catch (error) {
    if (error instanceof Skip) return [result('skipped', error.message, error.mend), error.harmless];
    if (error instanceof Warning) return [result('warned', error.message, error.mend), true];
    if (error instanceof Problem) return [result('failed', error.message, error.mend), false];
    const mend = describeSystemError(error) === undefined ? NOT_FORESEEN : NETWORK_FAILED;
    return [result('failed', describeFailure(error), mend), false];
  }
}

/**
 * Makes all checks, each as soon as those that it needs are over, so that the long ones run side by side.
 * @param listener told of each finding as soon as there is one
 * @returns the findings in the order of the list
 * @throws Error where a check needs one that is not before it in the list
 */
export async function runChecks<C>(
  checks: readonly Check<C>[],
  context: C,
  clock: Clock,
  listener: (finding: Finding) => void,
): Promise<Finding[]> {
  const made = new Map<string, Promise<[finding: Finding, goOn: boolean]>>();
  const earlier = (name: string) => {
    const found = made.get(name);
    if (!found) throw new Error(`no check ${name} before`);
    return found;
  };
  for (const check of checks) {
    const { name, needs = [], after = [] } = check;
    const before = [...needs, ...after].map(earlier);
    const outcome = Promise.all(before).then(async (outcomes) => {
      const blocking = needs.find((_, at) => outcomes[at]?.[1] === false);
      const cause = `先要「${checks.find((one) => one.name === blocking)?.title}」正常`;
      const skipped: Finding = { name, status: 'skipped', ms: 0, cause, mend: null, text: '' };
      const done: [Finding, boolean] = blocking ? [skipped, false] : await make(check, context, clock);
      listener(done[0]);
      return done;
    });
    made.set(name, outcome);
  }
  const outcomes = await Promise.all(made.values());
  return outcomes.map(([finding]) => finding);
}

/** The last line of `--json`. `failed`: names of the checks that failed. */
export function reportOf(findings: readonly CheckResult[]): object {
  const failed = findings.filter(({ status }) => status === 'failed').map(({ name }) => name);
  const checks = findings.map(({ name, status, ms, cause, mend }) => ({ name, status, ms, cause, mend }));
  return { ok: failed.length === 0, failed, checks };
}
