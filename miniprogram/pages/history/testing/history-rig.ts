import type { SessionSummary } from '../../../../contract/functions.ts';
import { HistoryModel, type HistoryView } from '../model.ts';

/** A Tuesday. */
export const NOW = new Date(2026, 2, 10, 12, 0).getTime();
/** The session that began `n` minutes ago. */
export const session = (n: number, over: Partial<SessionSummary> = {}): SessionSummary => ({
  sessionId: `session-${n}`,
  source: 'stream',
  state: 'completed',
  engine: '16k_zh',
  title: `第 ${n} 次`,
  preview: '',
  startedAt: NOW - n * 60_000,
  endedAt: NOW,
  durationMs: 5_000,
  sentenceCount: 2,
  charCount: 8,
  losses: [],
  ...over,
});

/** The history function, answered by the test: each call waits for `answer` or `refuse`. */
function fakeCloud() {
  const calls: {
    action: string;
    request: object;
    answer: (value: unknown) => void;
    refuse: (e: unknown) => void;
  }[] = [];
  const history = (action: string, request: object): Promise<never> =>
    new Promise((resolve, reject) => {
      calls.push({ action, request, answer: resolve as (value: unknown) => void, refuse: reject });
    });
  return { cloud: { history } as never, calls };
}

/** The model, and what it shows. */
export function rig() {
  const { cloud, calls } = fakeCloud();
  let view: HistoryView | undefined;
  const model = new HistoryModel(
    cloud,
    () => NOW,
    (next) => (view = next),
  );
  const sessionRows = () => view?.rows.filter(({ heading }) => heading === '') ?? [];
  const titles = (): string[] => sessionRows().map((row) => row.title);
  /** All lines, a heading in brackets. */
  const lines = (): string[] =>
    view?.rows.map(({ heading, title }) => (heading ? `[${heading}]` : title)) ?? [];
  const next = () => calls[calls.length - 1] as (typeof calls)[number];
  return { model, calls, next, titles, lines, sessionRows, view: () => view as HistoryView };
}

/** With so many sessions loaded. @param more of the answer */
export async function filled(count: number, cursor: string | null = null, more: object = {}) {
  const it = rig();
  const loaded = it.model.refresh();
  it.next().answer({ items: Array.from({ length: count }, (_, i) => session(i + 1)), cursor, ...more });
  await loaded;
  return it;
}
