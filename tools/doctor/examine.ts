import { systemClock } from '../../lib/clock.ts';
import type { Progress } from '../progress.ts';
import { lineOf } from './report.ts';
import { type Check, type Finding, runChecks } from './runner.ts';

/** Makes checks, prints each as soon as it and all before it are over, and says what is still waited for. */
export async function examine<C>(
  checks: readonly Check<C>[],
  context: C,
  progress: Progress,
  print: (line: string) => void = console.log,
): Promise<Finding[]> {
  const found = new Map<string, Finding>();
  let printed = 0;
  return runChecks(checks, context, systemClock, (finding) => {
    found.set(finding.name, finding);
    for (let check = checks[printed]; check && found.has(check.name); check = checks[printed]) {
      print(lineOf(found.get(check.name) as Finding, check));
      printed += 1;
    }
    const open = checks.filter(({ name }) => !found.has(name)).map(({ title }) => title);
    if (open.length > 0) progress.step(`还在检查：${open.join('、')}`);
    else progress.end();
  });
}
