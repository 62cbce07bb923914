import { writeFile } from 'node:fs/promises';
import type { Plan } from './plan.ts';
import { runWorker } from './sweep.ts';
import type { WorkerReport } from './worker.ts';

/** A plan is run at most this often while it is made smaller. */
const MAX_RUNS = 120;

/**
 * Makes a failing plan smaller: sessions, then faults are left out in halves, quarters, … one by one, as long as the same rule
 * is still broken.
 * @param planFile where the smaller plan is written
 * @returns the smaller plan, and how often it was run
 */
export async function shrink(
  file: string,
  plan: Plan,
  rule: string,
  planFile: string,
): Promise<{ plan: Plan; runs: number }> {
  let runs = 0;
  const fails = async (candidate: Plan): Promise<boolean> => {
    if (runs >= MAX_RUNS || candidate.sessions.length === 0) return false;
    runs += 1;
    await writeFile(planFile, JSON.stringify(candidate));
    let broken = false;
    await runWorker(file, { planFile, trace: false }, (report: WorkerReport) => {
      broken = report.violations.some((violation) => violation.rule === rule);
    });
    return broken;
  };
  let smallest = plan;
  for (const part of ['sessions', 'faults'] as const) {
    for (
      let size = Math.ceil(smallest[part].length / 2);
      size >= 1;
      size = size === 1 ? 0 : Math.ceil(size / 2)
    )
      for (let at = 0; at < smallest[part].length; ) {
        const rest = [...smallest[part].slice(0, at), ...smallest[part].slice(at + size)];
        const candidate = { ...smallest, [part]: rest } as Plan;
        if (await fails(candidate)) smallest = candidate;
        else at += size;
      }
  }
  await writeFile(planFile, JSON.stringify(smallest));
  return { plan: smallest, runs };
}
