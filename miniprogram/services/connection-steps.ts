import type { Clock } from '../../lib/clock.ts';

export type StepId =
  | 'library'
  | 'network'
  | 'cloud'
  | 'ticket'
  | 'container'
  | 'namespace'
  | 'microphone'
  | 'privacy';

/** What is wrong, and what helps. */
export interface Trouble {
  cause: string;
  mend: string;
}

/** One line of the connection test. `skip`: something that it needs has failed. */
export interface Step extends Partial<Trouble> {
  id: StepId;
  title: string;
  state: 'ok' | 'fail' | 'skip';
}

export interface Probe {
  id: StepId;
  title: string;
  /** Only sensible where these are well. */
  needs: readonly StepId[];
  /** At most so long, ms; beyond it: `slow`. */
  limitMs: number;
  slow: Trouble;
  /** Null: it is well. May reject: `readFailure` says what that means. */
  check(): Promise<Trouble | null>;
  readFailure(error: unknown): Trouble;
}

async function outcomeOf(probe: Probe, clock: Clock): Promise<Trouble | null> {
  let cancel = () => {};
  const slow = new Promise<Trouble>((resolve) => {
    cancel = clock.after(probe.limitMs, () => resolve(probe.slow));
  });
  // A probe may also throw before it waits for anything.
  const checked = Promise.resolve()
    .then(() => probe.check())
    .catch((error: unknown) => probe.readFailure(error));
  const trouble = await Promise.race([checked, slow]);
  cancel();
  return trouble;
}

/** Runs the probes one after the other; `onStep` hears of each as it is known. Never rejects. */
export async function runSteps(
  probes: readonly Probe[],
  clock: Clock,
  onStep: (step: Step) => void,
): Promise<Step[]> {
  const steps: Step[] = [];
  for (const probe of probes) {
    const { id, title, needs } = probe;
    const blocked = steps.some((step) => step.state !== 'ok' && needs.includes(step.id));
    const trouble = blocked ? null : await outcomeOf(probe, clock);
    const state = blocked ? 'skip' : trouble ? 'fail' : 'ok';
    const step: Step = { id, title, state, ...trouble };
    steps.push(step);
    onStep(step);
  }
  return steps;
}
