import { buildWorker } from './build.ts';
import { SIM_MUTATION_NAMES, simMutationPlugin } from './mutations.ts';
import type { PlanOptions } from './plan.ts';
import { firstFailure } from './sweep.ts';

/** How a removed rule was noticed. */
export interface RemovedRule {
  name: string;
  /** Seeds that were run, up to and including the one that shows it. */
  seeds: number;
  /** The first seed with which something goes wrong; undefined: with none. */
  seed: number | undefined;
  /** What was broken first. */
  rule: string | undefined;
  detail: string | undefined;
}

/** Runs seeds without one of the product's rules until it is noticed. */
export async function findRemoved(
  name: string,
  options: PlanOptions,
  seeds: { first: number; count: number },
): Promise<RemovedRule> {
  const file = await buildWorker(`without-${name}`, [simMutationPlugin(name)]);
  const found = await firstFailure(file, options, seeds);
  const [violation] = found?.violations ?? [];
  return {
    name,
    seeds: found ? found.seed - seeds.first + 1 : seeds.count,
    seed: found?.seed,
    rule: violation?.rule,
    detail: violation?.detail,
  };
}

/** The same for all rules, one after the other. */
export async function findAllRemoved(
  options: PlanOptions,
  seeds: { first: number; count: number },
  onFound: (found: RemovedRule) => void,
): Promise<RemovedRule[]> {
  const all: RemovedRule[] = [];
  for (const name of SIM_MUTATION_NAMES) {
    const found = await findRemoved(name, options, seeds);
    onFound(found);
    all.push(found);
  }
  return all;
}
