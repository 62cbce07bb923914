import { samplesToMs } from '../../contract/limits.ts';
import { countChars, type Sentence, type StatsRecord, statsId, TOTAL_DAY } from '../../contract/records.ts';
import type { Line } from '../../miniprogram/services/voice-session.types.ts';
import { type Comparison, charsOf, compare } from './align.ts';
import type { Coverage } from './heard.ts';
import { RATE_HZ } from './phrases.ts';
import type { Records, StoredSession } from './records.ts';
import type { Script } from './script.ts';
import { type TimeError, timeErrors } from './time-errors.ts';

/** Told times may be off by this, ms. */
const MAX_TIME_ERROR_MS = 300;

/** All that is known of one speaker's recording when the run is over. */
export interface Evidence {
  number: number;
  openid: string;
  sessionId: string;
  script: Script;
  lines: readonly Line[];
  lossMs: number;
  failure: string | undefined;
  heard: Coverage;
}

/** What one recording came to. */
export interface SpeakerVerdict {
  number: number;
  words: number;
  shown: Comparison;
  stored: Comparison;
  /** How the display differs from the record; empty: not at all. */
  displayDiffers: string[];
  /** Speech that no upstream connection ever received. */
  unheard: { from: number; to: number }[];
  undeliveredMs: number;
  /** The largest first. */
  timeErrors: TimeError[];
  /** How the statistics differ from the session; empty: not at all. */
  statsDiffer: string[];
  failure: string | undefined;
}

/** Holds what is shown, stored and counted against what was said. */
export function judge(evidence: Evidence, records: Records): SpeakerVerdict {
  const { script, lines, number, sessionId } = evidence;
  const stored = records.sessions.get(sessionId);
  const said = script.sayings.flatMap(({ phrase }) => charsOf(phrase.text));
  const storedSentences = stored?.sentences.map(({ sentence }) => sentence) ?? [];
  const [shownText, storedText] = [lines, storedSentences].map((some) =>
    some.flatMap(({ text }) => charsOf(text)),
  );
  const shown = compare(said, shownText ?? []);
  const inRecord = compare(said, storedText ?? []);
  const unheard = script.sayings.flatMap(({ startPos, endPos }) => evidence.heard.missing(startPos, endPos));
  return {
    number,
    words: said.length,
    shown,
    stored: inRecord,
    displayDiffers: displayDifferences(lines, stored),
    unheard,
    undeliveredMs: Math.max(
      evidence.lossMs,
      Math.ceil((unheard.reduce((sum, { from, to }) => sum + to - from, 0) * 1000) / RATE_HZ),
    ),
    timeErrors: [
      ...timeErrors(script, lines, shown.origin),
      ...timeErrors(script, storedSentences, inRecord.origin),
    ].sort((a, b) => b.ms - a.ms),
    statsDiffer: statsDifferences(evidence, stored, records.stats),
    failure: evidence.failure,
  };
}

/** Whether everything was as promised. */
export const isFlawless = ({
  shown,
  stored,
  displayDiffers,
  undeliveredMs,
  statsDiffer,
  timeErrors,
  failure,
}: SpeakerVerdict): boolean =>
  [shown, stored].every(({ lost, duplicated, reordered }) => lost + duplicated + reordered === 0) &&
  displayDiffers.length + statsDiffer.length + undeliveredMs === 0 &&
  largestOf(timeErrors) <= MAX_TIME_ERROR_MS &&
  failure === undefined;

export const largestOf = (errors: readonly TimeError[]): number => errors[0]?.ms ?? 0;

const asText = (
  index: number,
  { text, startMs, endMs }: Pick<Sentence, 'text' | 'startMs' | 'endMs'>,
): string => `#${index} ${startMs}–${endMs} ${text}`;

function displayDifferences(lines: readonly Line[], stored: StoredSession | undefined): string[] {
  if (!stored) return ['there is no record'];
  const shown = new Set(lines.map((line) => asText(line.index, line)));
  const kept = new Set(stored.sentences.map(({ index, sentence }) => asText(index, sentence)));
  return [
    ...[...shown].filter((text) => !kept.has(text)).map((text) => `shown only: ${text}`),
    ...[...kept].filter((text) => !shown.has(text)).map((text) => `stored only: ${text}`),
  ];
}

/** One session a speaker: its day and its total must say exactly that session. */
function statsDifferences(
  { openid, script }: Evidence,
  stored: StoredSession | undefined,
  stats: ReadonlyMap<string, StatsRecord>,
): string[] {
  if (!stored) return ['there is no record'];
  const { record, sentences } = stored;
  const expected = {
    sessions: 1,
    completed: 1,
    interrupted: 0,
    oneshot: 0,
    sentences: sentences.length,
    chars: sentences.reduce((sum, { sentence }) => sum + countChars(sentence.text), 0),
    durationMs: samplesToMs(script.length, record.sampleRate),
  };
  const differences: string[] = [];
  if (record.state !== 'completed') differences.push(`the session is ${record.state}`);
  for (const day of [record.day, TOTAL_DAY]) {
    const counted = stats.get(statsId(openid, day));
    for (const [key, value] of Object.entries(expected)) {
      const told = counted?.[key as keyof typeof expected];
      if (told !== value) differences.push(`${day} ${key}: counted ${told}, is ${value}`);
    }
  }
  if (record.sentenceCount !== expected.sentences || record.charCount !== expected.chars)
    differences.push(`the record counts ${record.sentenceCount} sentences, ${record.charCount} characters`);
  return differences;
}
