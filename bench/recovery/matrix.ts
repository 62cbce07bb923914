import { UsageError } from '../../lib/command-line.ts';
import type { Cell } from './cell.ts';
import { FAULT_KINDS } from './faults.ts';
import { SPEECHES } from './speech.ts';

/** What `--quick` runs. */
const QUICK_KINDS = ['kill', 'drop', '5000', 'term', 'cut-10'];
const QUICK_SPEECH = 'pauses';

/** All cells, in the order in which they are run. */
export const ALL_CELLS: readonly Cell[] = FAULT_KINDS.flatMap((kind) =>
  SPEECHES.map((speech) => ({ kind, speech })),
);

/**
 * The cells of a run.
 * @param only `kind`, `kind/speech` or `/speech`, several separated by commas; undefined: no filter
 * @throws UsageError for a name that there is not
 */
export function chooseCells({ quick, only }: { quick: boolean; only: string | undefined }): Cell[] {
  const filters = only?.split(',').map(filterOf);
  return ALL_CELLS.filter(
    ({ kind, speech }) =>
      (!quick || (QUICK_KINDS.includes(kind.id) && speech.id === QUICK_SPEECH)) &&
      (!filters ||
        filters.some((one) => (one.kind ?? kind.id) === kind.id && (one.speech ?? speech.id) === speech.id)),
  );
}

function filterOf(text: string): { kind: string | undefined; speech: string | undefined } {
  const [kind, speech, ...rest] = text.split('/');
  const check = (name: string | undefined, known: readonly { id: string }[]): string | undefined => {
    if (!name) return undefined;
    if (!known.some(({ id }) => id === name))
      throw new UsageError(`--only 里没有 ${name}；有 ${known.map(({ id }) => id).join('、')}`);
    return name;
  };
  if (rest.length > 0 || !(kind || speech))
    throw new UsageError(`--only 应为 故障、故障/说话 或 /说话，不是 ${text}`);
  return { kind: check(kind, FAULT_KINDS), speech: check(speech, SPEECHES) };
}
