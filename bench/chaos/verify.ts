import { samplesToMs } from '../../contract/limits.ts';
import {
  ALL_DAYS,
  countChars,
  type Loss,
  type Sentence,
  type StatsRecord,
  statsId,
} from '../../contract/records.ts';
import type { Line } from '../../miniprogram/voice/session/voice-session.types.ts';
import type { Coverage } from './audio-locator.ts';
import type { StoredRecords, StoredSession } from './records.ts';
import { RATE_HZ, type Script } from './script.ts';
import { diffTexts, type TextDiff } from './text-diff.ts';
import { type TimeError, timeErrors } from './time-errors.ts';
import { wordsOf } from './words.ts';

/** Largest permitted error of a reported time, ms. */
const MAX_TIME_ERROR_MS = 300;

/** A phrase that ends or begins this close to a loss may be recognised differently, ms. */
const LOSS_MARGIN_MS = 400;

/** What is known about one speaker's session when the run is over. */
export interface SpeakerOutcome {
  number: number;
  openid: string;
  sessionId: string;
  script: Script;
  /** What the phone shows. */
  lines: readonly Line[];
  /** Audio that the phone counted as lost. */
  losses: readonly Loss[];
  /** Whether its faults are such that it loses audio; then it must say which. */
  mayLose: boolean;
  /** Why the session did not end well; undefined: it did. */
  failure: string | undefined;
  /** Which of its audio reached the recogniser. */
  coverage: Coverage;
}

/** How one speaker's session compares with its script. */
export interface SpeakerVerdict {
  number: number;
  /** In the script. */
  words: number;
  shown: TextDiff;
  stored: TextDiff;
  /** Differences between display and record; empty: none. */
  displayDiffers: string[];
  /** Speech that never reached the recogniser, in samples. */
  undelivered: { from: number; to: number }[];
  /** Length of that, or what the phone counted as lost where that is more. Declared losses of a phone that may lose are left out. */
  undeliveredMs: number;
  /** What a phone that may lose audio says that it has lost. */
  declaredLossMs: number;
  /** Differences between the losses that the phone and the record tell; empty: none. */
  lossesDiffer: string[];
  /** The largest first. */
  timeErrors: TimeError[];
  /** Differences between statistics and session; empty: none. */
  statsDiffer: string[];
  failure: string | undefined;
}

/** Compares what is shown, stored and counted with the script. */
export function verifySpeaker(outcome: SpeakerOutcome, records: StoredRecords): SpeakerVerdict {
  const { script, lines, number, sessionId, coverage, losses, mayLose, failure } = outcome;
  const session = records.sessions.get(sessionId);
  const sentences = session?.sentences.map(({ sentence }) => sentence) ?? [];
  const spoken = script.utterances.flatMap(({ phrase }) => wordsOf(phrase.text));
  const tolerated = mayLose ? losses : [];
  const optional = wordsAt(script, tolerated);
  const compare = (some: readonly { text: string }[]): TextDiff =>
    diffTexts(
      spoken,
      some.map(({ text }) => text),
      optional,
    );
  const [shown, stored] = [compare(lines), compare(sentences)];
  const lossMs = losses.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  const undelivered = script.utterances
    .flatMap(({ startPos, endPos }) => coverage.missing(startPos, endPos))
    .filter((range) => !mayLose || !isWithin(range, losses));
  const undeliveredSamples = undelivered.reduce((sum, { from, to }) => sum + to - from, 0);
  return {
    number,
    words: spoken.length,
    shown,
    stored,
    displayDiffers: displayDifferences(lines, session),
    undelivered,
    declaredLossMs: mayLose ? lossMs : 0,
    undeliveredMs: Math.max(mayLose ? 0 : lossMs, Math.ceil((undeliveredSamples * 1000) / RATE_HZ)),
    lossesDiffer: lossDifferences(losses, session?.record.losses ?? []),
    timeErrors: [
      ...timeErrors(script, lines, originAwayFrom(tolerated, lines, shown.origin)),
      ...timeErrors(script, sentences, originAwayFrom(tolerated, sentences, stored.origin)),
    ].sort((a, b) => b.ms - a.ms),
    statsDiffer: statsDifferences(outcome, session, records.stats),
    failure,
  };
}

/** Whether the session kept every promise. */
export const isFlawless = ({
  shown,
  stored,
  displayDiffers,
  undeliveredMs,
  lossesDiffer,
  statsDiffer,
  timeErrors,
  failure,
}: SpeakerVerdict): boolean =>
  [shown, stored].every(({ lost, duplicated, reordered }) => lost + duplicated + reordered === 0) &&
  displayDiffers.length + lossesDiffer.length + statsDiffer.length + undeliveredMs === 0 &&
  largestErrorMs(timeErrors) <= MAX_TIME_ERROR_MS &&
  failure === undefined;

/** The words of the utterances that touch a loss, by index in the script. */
function wordsAt({ utterances }: Script, losses: readonly Loss[]): Set<number> {
  const found = new Set<number>();
  let at = 0;
  for (const { phrase, startPos, endPos } of utterances) {
    const { length } = wordsOf(phrase.text);
    const touches = touchesLoss(losses, samplesToMs(startPos, RATE_HZ), samplesToMs(endPos, RATE_HZ));
    for (let i = at; touches && i < at + length; i++) found.add(i);
    at += length;
  }
  return found;
}

/** `origin` without the words of sentences that touch a loss: such a sentence may begin with a piece of a lost phrase. */
function originAwayFrom(
  losses: readonly Loss[],
  sentences: readonly { text: string; startMs: number; endMs: number }[],
  origin: Int32Array,
): Int32Array {
  const away = origin.slice();
  let at = 0;
  for (const { text, startMs, endMs } of sentences) {
    const { length } = wordsOf(text);
    if (touchesLoss(losses, startMs, endMs)) away.fill(-1, at, at + length);
    at += length;
  }
  return away;
}

const touchesLoss = (losses: readonly Loss[], fromMs: number, toMs: number): boolean =>
  losses.some(({ startMs, endMs }) => startMs < toMs + LOSS_MARGIN_MS && endMs > fromMs - LOSS_MARGIN_MS);

/** Whether a range of positions lies in one of the losses, whose times are rounded to ms. */
const isWithin = ({ from, to }: { from: number; to: number }, losses: readonly Loss[]): boolean =>
  losses.some(
    ({ startMs, endMs }) =>
      startMs - 1 <= samplesToMs(from, RATE_HZ) && samplesToMs(to, RATE_HZ) <= endMs + 1,
  );

function lossDifferences(shown: readonly Loss[], stored: readonly Loss[]): string[] {
  const format = ({ startMs, endMs }: Loss): string => `${startMs}–${endMs}`;
  const [phone, record] = [shown, stored].map((losses) => losses.map(format).join(' '));
  return phone === record ? [] : [`the phone tells ${phone || 'none'}, the record ${record || 'none'}`];
}

export const largestErrorMs = (errors: readonly TimeError[]): number => errors[0]?.ms ?? 0;

const formatSentence = (
  index: number,
  { text, startMs, endMs }: Pick<Sentence, 'text' | 'startMs' | 'endMs'>,
): string => `#${index} ${startMs}–${endMs} ${text}`;

function displayDifferences(lines: readonly Line[], session: StoredSession | undefined): string[] {
  if (!session) return ['there is no record'];
  const shown = new Set(lines.map((line) => formatSentence(line.index, line)));
  const stored = new Set(session.sentences.map(({ index, sentence }) => formatSentence(index, sentence)));
  return [
    ...[...shown].filter((text) => !stored.has(text)).map((text) => `shown only: ${text}`),
    ...[...stored].filter((text) => !shown.has(text)).map((text) => `stored only: ${text}`),
  ];
}

/** Each speaker has exactly one session, so the statistics of its day and its total must equal that session. */
function statsDifferences(
  { openid, script }: SpeakerOutcome,
  session: StoredSession | undefined,
  stats: ReadonlyMap<string, StatsRecord>,
): string[] {
  if (!session) return ['there is no record'];
  const { record, sentences } = session;
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
  for (const day of [record.day, ALL_DAYS]) {
    const counted = stats.get(statsId(openid, day));
    for (const [key, value] of Object.entries(expected)) {
      const actual = counted?.[key as keyof typeof expected];
      if (actual !== value) differences.push(`${day} ${key}: counted ${actual}, expected ${value}`);
    }
  }
  if (record.sentenceCount !== expected.sentences || record.charCount !== expected.chars)
    differences.push(`the record counts ${record.sentenceCount} sentences, ${record.charCount} characters`);
  return differences;
}
