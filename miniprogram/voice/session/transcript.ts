import type { ResultEvent } from '../../../contract/stream.ts';
import type { Line } from './voice-session.types.ts';

/**
 * The transcript as an immutable value. Its rules keep what is shown equal to the record: a result replaces the line of its index,
 * a final is not replaced by an interim, and a resume drops the lines that the record does not have.
 */
export interface Transcript {
  /** Oldest first, by index. Neither the array nor its lines are ever changed. */
  readonly lines: readonly Line[];
  /** Newest index that is stored; −1: none. */
  readonly settledIndex: number;
}

export const EMPTY_TRANSCRIPT: Transcript = { lines: [], settledIndex: -1 };

/** After a `result`: an interim replaces the text of its index (an empty one removes the line), a final completes it. */
export function withResult(transcript: Transcript, result: ResultEvent): Transcript {
  const { lines, settledIndex } = transcript;
  const { index, text, final, startMs, endMs, words } = result;
  let at = lines.length - 1;
  while ((lines[at]?.index ?? -1) > index) at -= 1;
  const former = lines[at]?.index === index ? lines[at] : undefined;
  if (former?.final && !final) return transcript;
  if (!final && text === '')
    return former ? { lines: lines.filter((line) => line !== former), settledIndex } : transcript;
  const settled = final && index <= settledIndex;
  const line: Line = { index, text, final, settled, startMs, endMs, ...(words && { words }) };
  return {
    lines: [...lines.slice(0, former ? at : at + 1), line, ...lines.slice(at + 1)],
    settledIndex,
  };
}

/** After a `progress`: finals up to `settledIndex` are stored. */
export function withSettled(transcript: Transcript, settledIndex: number): Transcript {
  if (settledIndex <= transcript.settledIndex) return transcript;
  const settle = (line: Line): Line =>
    line.settled || !line.final || line.index > settledIndex ? line : { ...line, settled: true };
  return { lines: transcript.lines.map(settle), settledIndex };
}

/**
 * The newest index up to which no stored sentence is missing here, −1: none. It may lie below `settledIndex`: a
 * connection can break after a `progress` said that a sentence is stored and before its `result` came.
 */
export function lastContiguousIndex({ lines, settledIndex }: Transcript): number {
  let known = -1;
  for (const { index, final } of lines) {
    if (!final || index !== known + 1 || index > settledIndex) break;
    known = index;
  }
  return known;
}

/** After a resume: lines from `nextIndex` on were not stored and are dropped; their audio is recognised again. */
export function withResume(transcript: Transcript, nextIndex: number, settledIndex: number): Transcript {
  const lines = transcript.lines.filter((line) => line.index < nextIndex);
  const kept = { lines, settledIndex: Math.min(transcript.settledIndex, nextIndex - 1) };
  return withSettled(kept, settledIndex);
}

/** After `completed`: every final is stored, and an interim that did not become final is not in the record. */
export function withCompletion(transcript: Transcript): Transcript {
  const lines = transcript.lines.filter((line) => line.final);
  const newest = lines[lines.length - 1]?.index ?? -1;
  return withSettled({ ...transcript, lines }, Math.max(newest, transcript.settledIndex));
}
