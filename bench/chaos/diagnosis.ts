import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunResult } from './report.ts';
import { RATE_HZ, type Script, type Utterance } from './script.ts';
import type { Difference, TextDiff } from './text-diff.ts';
import type { Timeline, TimelineEntry } from './timeline.ts';
import { isFlawless, type SpeakerOutcome, type SpeakerVerdict } from './verify.ts';
import { wordsOf } from './words.ts';

/** With each difference the timeline is shown from so long before to so long after it, ms. */
const CONTEXT_BEFORE_MS = 6_000;
const CONTEXT_AFTER_MS = 25_000;
const MAX_SHOWN_TIME_ERRORS = 8;
const MAX_DETAIL_CHARS = 260;

/** Writes what helps to find a cause: timeline, plan, crashes, and a file for each speaker that was not served as promised. */
export function writeDiagnosis(
  folder: string,
  result: RunResult,
  outcomes: readonly SpeakerOutcome[],
  timeline: Timeline,
): void {
  const lines = timeline.entries.map((entry) => JSON.stringify(entry)).join('\n');
  writeFileSync(join(folder, 'timeline.jsonl'), `${lines}\n`);
  writeFileSync(join(folder, 'plan.json'), JSON.stringify(result.plan, null, 1));
  writeFileSync(join(folder, 'crashes.txt'), result.crashes.join('\n\n'));
  for (const verdict of result.verdicts) {
    const outcome = outcomes[verdict.number];
    if (!outcome || isFlawless(verdict)) continue;
    const text = speakerReport(verdict, outcome, timeline.entries);
    writeFileSync(join(folder, `speaker-${verdict.number}.txt`), text);
  }
}

const seconds = (ms: number): string => (ms / 1000).toFixed(2);
const secondsAt = (pos: number): string => seconds((pos * 1000) / RATE_HZ);
const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

function speakerReport(
  verdict: SpeakerVerdict,
  { script, lines, sessionId }: SpeakerOutcome,
  entries: readonly TimelineEntry[],
): string {
  const who = `speaker-${verdict.number}`;
  const beganAt = entries.find((entry) => entry.who === who)?.t ?? 0;
  const relevant = entries.filter((entry) => !entry.who.startsWith('speaker-') || entry.who === who);
  const describe = ({ differences }: TextDiff): string[] =>
    differences.flatMap((difference) => describeDifference(difference, script, relevant, beganAt));
  return [
    `speaker ${verdict.number}, session ${sessionId}; its audio begins at ${seconds(beganAt)} s of the run`,
    `failure: ${verdict.failure ?? 'none'}; undelivered ${verdict.undeliveredMs} ms`,
    '',
    `shown: ${countsOf(verdict.shown)}`,
    ...indented(describe(verdict.shown)),
    `stored: ${countsOf(verdict.stored)}`,
    ...indented(describe(verdict.stored)),
    'display against record:',
    ...indented(verdict.displayDiffers),
    'losses, phone against record:',
    ...indented(verdict.lossesDiffer),
    'statistics:',
    ...indented(verdict.statsDiffer),
    'largest time errors:',
    ...indented(
      verdict.timeErrors.slice(0, MAX_SHOWN_TIME_ERRORS).map(({ ms, where }) => `${ms} ms: ${where}`),
    ),
    'never reached the recogniser, audio seconds:',
    ...indented(verdict.undelivered.map(({ from, to }) => `${secondsAt(from)}–${secondsAt(to)}`)),
    '',
    'script, audio seconds:',
    ...indented(
      script.utterances.map(
        ({ phrase, startPos, endPos }) => `${secondsAt(startPos)}–${secondsAt(endPos)} ${phrase.text}`,
      ),
    ),
    'shown, audio seconds:',
    ...indented(
      lines.map((line) => `#${line.index} ${seconds(line.startMs)}–${seconds(line.endMs)} ${line.text}`),
    ),
    '',
  ].join('\n');
}

const countsOf = ({ lost, duplicated, reordered }: TextDiff): string =>
  `lost ${lost}, duplicated ${duplicated}, reordered ${reordered}`;

/** A difference with its place in the script and what happened around that time. */
function describeDifference(
  { kind, at, words }: Difference,
  script: Script,
  entries: readonly TimelineEntry[],
  beganAt: number,
): string[] {
  const text = words.join(' ');
  const utterance = kind === 'lost' ? utteranceAt(script, at) : undefined;
  if (!utterance) return [`${kind} 「${text}」 at word ${at}`];
  const audioMs = (utterance.startPos * 1000) / RATE_HZ;
  const runMs = beganAt + audioMs;
  const context = entries.filter(
    ({ t, what }) =>
      t >= runMs - CONTEXT_BEFORE_MS && t <= runMs + CONTEXT_AFTER_MS && what !== 'event progress',
  );
  return [
    `${kind} 「${text}」 of 「${utterance.phrase.text}」, spoken at ${seconds(audioMs)} s of the audio, ${seconds(runMs)} s of the run`,
    ...context.map(
      ({ t, who, what, ...detail }) =>
        `    ${seconds(t)} ${who} ${what} ${JSON.stringify(detail).slice(0, MAX_DETAIL_CHARS)}`,
    ),
  ];
}

/** The utterance that holds the script's word `word`. */
function utteranceAt({ utterances }: Script, word: number): Utterance | undefined {
  let end = 0;
  return utterances.find(({ phrase }) => {
    end += wordsOf(phrase.text).length;
    return word < end;
  });
}
