import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Comparison, Difference } from './align.ts';
import { charsOf } from './align.ts';
import { type Evidence, isFlawless, type SpeakerVerdict } from './judge.ts';
import { RATE_HZ } from './phrases.ts';
import type { RunResult } from './run.ts';
import type { Script } from './script.ts';
import type { Entry, Timeline } from './timeline.ts';

/** What happened so long before and after a difference is shown with it, ms of the run. */
const BEFORE_MS = 6_000;
const AFTER_MS = 25_000;
const SHOWN_TIME_ERRORS = 8;

/** Writes all that helps to find out why: the whole timeline, and one file per speaker that was not served as promised. */
export function writeDiagnosis(
  folder: string,
  found: { result: RunResult; scripts: readonly Script[]; run: readonly Evidence[]; timeline: Timeline },
): void {
  const { result, run, timeline } = found;
  const lines = timeline.entries.map((entry) => JSON.stringify(entry)).join('\n');
  writeFileSync(join(folder, 'timeline.jsonl'), `${lines}\n`);
  writeFileSync(join(folder, 'plan.json'), JSON.stringify(result.plan, null, 1));
  writeFileSync(join(folder, 'crashes.txt'), result.crashes.join('\n\n'));
  for (const verdict of result.verdicts) {
    if (isFlawless(verdict)) continue;
    const evidence = run[verdict.number];
    if (!evidence) continue;
    const text = speakerReport(verdict, evidence, timeline.entries);
    writeFileSync(join(folder, `speaker-${verdict.number}.txt`), text);
  }
}

const seconds = (ms: number): string => (ms / 1000).toFixed(2);

function speakerReport(verdict: SpeakerVerdict, evidence: Evidence, entries: readonly Entry[]): string {
  const { script, lines, sessionId } = evidence;
  const own = entries.filter(({ who }) => who === `speaker-${verdict.number}`);
  const begun = own[0]?.t ?? 0;
  const said = script.sayings.map(
    ({ phrase, startPos, endPos }) =>
      `  ${seconds((startPos * 1000) / RATE_HZ)}–${seconds((endPos * 1000) / RATE_HZ)} ${phrase.text}`,
  );
  return [
    `speaker ${verdict.number}, session ${sessionId}; its audio begins at ${seconds(begun)} s of the run`,
    `failure: ${verdict.failure ?? 'none'}; undelivered ${verdict.undeliveredMs} ms`,
    '',
    `shown: ${summary(verdict.shown)}`,
    ...differenceReport(verdict.shown.differences, script, entries, verdict.number, begun),
    `stored: ${summary(verdict.stored)}`,
    ...differenceReport(verdict.stored.differences, script, entries, verdict.number, begun),
    'display against record:',
    ...verdict.displayDiffers.map((text) => `  ${text}`),
    'statistics:',
    ...verdict.statsDiffer.map((text) => `  ${text}`),
    'largest time errors:',
    ...verdict.timeErrors.slice(0, SHOWN_TIME_ERRORS).map(({ ms, where }) => `  ${ms} ms: ${where}`),
    'never heard, audio seconds:',
    ...verdict.unheard.map(
      ({ from, to }) => `  ${seconds((from * 1000) / RATE_HZ)}–${seconds((to * 1000) / RATE_HZ)}`,
    ),
    '',
    'said, audio seconds:',
    ...said,
    'shown:',
    ...lines.map((line) => `  #${line.index} ${seconds(line.startMs)}–${seconds(line.endMs)} ${line.text}`),
    '',
  ].join('\n');
}

const summary = ({ lost, duplicated, reordered }: Comparison): string =>
  `lost ${lost}, doubled ${duplicated}, out of place ${reordered}`;

/** Each difference with where it is and what happened around then. */
function differenceReport(
  differences: readonly Difference[],
  script: Script,
  entries: readonly Entry[],
  speaker: number,
  begun: number,
): string[] {
  return differences.flatMap(({ kind, at, text }) => {
    const where = kind === 'lost' ? sayingAt(script, at) : undefined;
    if (!where) return [`  ${kind} 「${text}」 at character ${at}`];
    const audioMs = (where.startPos * 1000) / RATE_HZ;
    const around = entries.filter(
      ({ t, who, what }) =>
        t >= begun + audioMs - BEFORE_MS &&
        t <= begun + audioMs + AFTER_MS &&
        (!who.startsWith('speaker-') || who === `speaker-${speaker}`) &&
        what !== 'event progress',
    );
    return [
      `  ${kind} 「${text}」 of 「${where.phrase.text}」, said at ${seconds(audioMs)} s of the audio, ${seconds(begun + audioMs)} s of the run`,
      ...around.map(
        ({ t, who, what, ...detail }) =>
          `      ${seconds(t)} ${who} ${what} ${JSON.stringify(detail).slice(0, 260)}`,
      ),
    ];
  });
}

function sayingAt({ sayings }: Script, char: number) {
  let at = 0;
  for (const saying of sayings) {
    at += charsOf(saying.phrase.text).length;
    if (char < at) return saying;
  }
  return undefined;
}
