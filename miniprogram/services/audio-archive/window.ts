import type { Range } from 'cloudbase-voice';
import type { ArchivedRecording } from './archive.ts';
import { decodeSegment, type Segment, segmentEnd } from './segment.ts';

/** A hole up to this long is played as silence of its length; of a longer one only this much, and then it is skipped. */
export const HOLE_PLAYED_SECONDS = 3;
/** A window ends where it is quietest in its last third, so that the change to the next one is not heard. */
const QUIET_SEARCH = 1 / 3;
const QUIET_FRAME_SECONDS = 0.05;

/** Audio to be played in one piece. */
export interface AudioWindow extends Range {
  /** The samples of `[fromPos, toPos)`; silent where there are holes. */
  pcm: Int16Array;
  /** What was not recorded on this phone, or is damaged. */
  holes: readonly Range[];
  /** Where to go on; null: this was the last audio. */
  nextPos: number | null;
}

/** What the audio of a recording is read from; null: the segment is gone. */
export type ReadSegment = (segment: Segment) => Promise<ArrayBuffer | null>;

/** Position behind the last sample that is on this phone. */
export const audioEnd = ({ segments }: ArchivedRecording): number =>
  segments.reduce((end, segment) => Math.max(end, segmentEnd(segment)), 0);

/** Whether this phone has any audio of a range. */
export const hasAudio = ({ segments }: ArchivedRecording, { fromPos, toPos }: Range): boolean =>
  segments.some((segment) => segment.fromPos < toPos && segmentEnd(segment) > fromPos);

/** What is missing in a range, oldest first. */
export function holesIn({ segments }: ArchivedRecording, { fromPos, toPos }: Range): Range[] {
  const holes: Range[] = [];
  let pos = fromPos;
  for (const segment of segments) {
    if (segment.fromPos >= toPos) break;
    if (segment.fromPos > pos) holes.push({ fromPos: pos, toPos: segment.fromPos });
    pos = Math.max(pos, segmentEnd(segment));
  }
  return pos < toPos ? [...holes, { fromPos: pos, toPos }] : holes;
}

/**
 * The next audio to play from `fromPos` on.
 * @returns null where there is none at or behind `fromPos`
 */
export async function readWindow(
  recording: ArchivedRecording,
  read: ReadSegment,
  fromPos: number,
  maxSeconds: number,
): Promise<AudioWindow | null> {
  const { rateHz } = recording;
  const end = audioEnd(recording);
  if (fromPos >= end) return null;
  const played = HOLE_PLAYED_SECONDS * rateHz;
  const holes = holesIn(recording, { fromPos, toPos: end });
  const here = holes.find((hole) => hole.fromPos === fromPos);
  if (here && here.toPos - here.fromPos > played) {
    const toPos = fromPos + played;
    return { fromPos, toPos, pcm: new Int16Array(played), holes: [here], nextPos: here.toPos };
  }
  const nextLong = holes.find((hole) => hole.toPos - hole.fromPos > played);
  const limit = Math.min(fromPos + maxSeconds * rateHz, end, nextLong?.fromPos ?? end);
  const { pcm, damaged } = await decode(recording, read, { fromPos, toPos: limit });
  const cut = limit === fromPos + maxSeconds * rateHz && limit < end ? quietest(pcm, rateHz) : pcm.length;
  const toPos = fromPos + cut;
  const inside = [...holes, ...damaged].filter((hole) => hole.fromPos < toPos && hole.toPos > fromPos);
  return {
    fromPos,
    toPos,
    pcm: pcm.slice(0, cut),
    holes: inside.sort((a, b) => a.fromPos - b.fromPos),
    nextPos: toPos < end ? toPos : null,
  };
}

async function decode(
  { segments }: ArchivedRecording,
  read: ReadSegment,
  window: Range,
): Promise<{ pcm: Int16Array; damaged: Range[] }> {
  const pcm = new Int16Array(window.toPos - window.fromPos);
  const damaged: Range[] = [];
  for (const segment of segments) {
    const fromPos = Math.max(segment.fromPos, window.fromPos);
    const toPos = Math.min(segmentEnd(segment), window.toPos);
    if (fromPos >= toPos) continue;
    const file = await read(segment);
    try {
      if (file === null) throw new RangeError('the file is gone');
      decodeSegment(segment, file, { fromPos, toPos }, pcm, window.fromPos);
    } catch {
      pcm.fill(0, fromPos - window.fromPos, toPos - window.fromPos);
      damaged.push({ fromPos, toPos });
    }
  }
  return { pcm, damaged };
}

/** Samples before the quietest moment of the last third. */
function quietest(pcm: Int16Array, rateHz: number): number {
  const frame = Math.round(QUIET_FRAME_SECONDS * rateHz);
  let [best, bestSum] = [pcm.length, Number.POSITIVE_INFINITY];
  for (let at = Math.floor(pcm.length * (1 - QUIET_SEARCH)); at + frame <= pcm.length; at += frame) {
    let sum = 0;
    for (let i = at; i < at + frame; i++) sum += Math.abs(pcm[i] as number);
    if (sum < bestSum) [best, bestSum] = [at + (frame >> 1), sum];
  }
  return best;
}
