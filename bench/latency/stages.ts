import type { SinkLog } from '../sink/sink.ts';
import { type Quantiles, quantilesOf } from '../statistics.ts';
import type { PageLog, Passed, ResultMoments } from './page.ts';

/** From the microphone to the screen, in this order; each begins where the one before ends. */
export const STAGES = [
  'microphone',
  'send',
  'upstream',
  'recogniser',
  'downstream',
  'read',
  'turn',
  'set',
  'refresh',
  'draw',
] as const;
export type Stage = (typeof STAGES)[number];

/** What this project adds; the others are the microphone's, the recogniser's and the screen's. */
export const OURS: ReadonlySet<Stage> = new Set([
  'send',
  'upstream',
  'downstream',
  'read',
  'turn',
  'set',
  'draw',
]);

/** Everything that was noted, with one clock. */
export interface Notes {
  page: PageLog;
  sink: SinkLog;
  /** To be added to the page's times, ms, to have the recogniser's. */
  offsetMs: number;
  /** How wrong that, and the clocks themselves, may be, ms. */
  errorMs: number;
  /** Of the microphone's frames. */
  frameSamples: number;
  rateHz: number;
  /** Frames before this one are not counted: what happens once is over then. */
  firstFrame: number;
}

/** How long each stage took, ms. */
export type Times = Record<Stage, number>;

/** Why a recording tells nothing. */
export class UnusableNotes extends Error {
  override readonly name = 'UnusableNotes';
}

export interface Latencies {
  /** By stage, ms. */
  stages: Record<Stage, Quantiles>;
  /** The sum of what is ours, of each result with the frame that it was said after, ms. */
  ours: Quantiles;
  /** From the last sound that the recogniser needed for it until a text is drawn, ms. */
  whole: Quantiles;
  /** Results that were never drawn: a newer one took their place first. */
  replaced: number;
}

const MS = 1_000;

/** When everything before a position had passed: looked up by frame, in order. */
function timesOf(passed: readonly Passed[], frames: number, frameSamples: number): (number | undefined)[] {
  const times: (number | undefined)[] = [];
  let at = 0;
  for (let frame = 0; frame < frames; frame++) {
    const endPos = (frame + 1) * frameSamples;
    while (at < passed.length && (passed[at] as Passed).endPos < endPos) at += 1;
    times.push(passed[at]?.atMs);
  }
  return times;
}

/** The stages of one frame up to the recogniser. */
type FrameTimes = Pick<Times, 'microphone' | 'send' | 'upstream'> & { arrivedMs: number };

/** @throws UnusableNotes a frame did not arrive, or not as it was spoken */
function frameTimesOf({ page, sink, offsetMs, frameSamples, rateHz, firstFrame }: Notes): FrameTimes[] {
  const frames = sink.arrivedUs.length;
  const recorded = timesOf(page.recorded, frames, frameSamples);
  const sent = timesOf(page.sent, frames, frameSamples);
  const spokenMs = (frame: number): number => ((frame + 1) * frameSamples * 1_000) / rateHz;
  // The sound began so long ago that no frame was recorded before it was over.
  const startMs = Math.min(...recorded.map((atMs, frame) => (atMs ?? Infinity) - spokenMs(frame)));
  return sink.arrivedUs.map((arrivedUs, frame) => {
    const [recordedMs, sentMs] = [recorded[frame], sent[frame]];
    if (frame < firstFrame) return { microphone: 0, send: 0, upstream: 0, arrivedMs: 0 };
    if (arrivedUs === null || recordedMs === undefined || sentMs === undefined)
      throw new UnusableNotes(`第 ${frame} 帧没有原样传到识别服务`);
    const arrivedMs = arrivedUs / MS - offsetMs;
    return {
      microphone: recordedMs - (startMs + spokenMs(frame)),
      send: sentMs - recordedMs,
      upstream: arrivedMs - sentMs,
      arrivedMs,
    };
  });
}

const isDrawn = (moments: ResultMoments | undefined): moments is Required<ResultMoments> =>
  moments?.drawn !== undefined && moments.called !== undefined && moments.wanted !== undefined;

/** The stages of every result that was drawn. */
function resultTimesOf(notes: Notes, frames: readonly FrameTimes[]): { drawn: Times[]; replaced: number } {
  const { page, sink, offsetMs, firstFrame } = notes;
  const counted = sink.said.filter(({ frame }) => frame >= firstFrame);
  const drawn = counted.flatMap(({ frame, sentUs }): Times[] => {
    const moments = page.results[sentUs % 2 ** 32];
    if (!isDrawn(moments)) return [];
    const { arrivedMs, ...before } = frames[frame] as FrameTimes;
    const saidMs = sentUs / MS - offsetMs;
    const { received, wanted, called, changed, frame: refreshed, drawn: drawnMs } = moments;
    return [
      {
        ...before,
        recogniser: saidMs - arrivedMs,
        downstream: received - saidMs,
        read: wanted - received,
        turn: called - wanted,
        set: changed - called,
        refresh: refreshed - changed,
        draw: drawnMs - refreshed,
      },
    ];
  });
  return { drawn, replaced: counted.length - drawn.length };
}

const sumOf = (times: Times, stages: Iterable<Stage>): number =>
  [...stages].reduce((sum, stage) => sum + times[stage], 0);

/**
 * How long each stage took.
 * @throws UnusableNotes the recording tells nothing
 */
export function latenciesOf(notes: Notes): Latencies {
  const frames = frameTimesOf(notes);
  const { drawn, replaced } = resultTimesOf(notes, frames);
  if (drawn.length === 0) throw new UnusableNotes('没有一个结果画到页面上');
  for (const stage of STAGES)
    if (drawn.some((times) => !(times[stage] >= -notes.errorMs)))
      throw new UnusableNotes(`有一个结果的「${stage}」是负的`);
  const counted = frames.slice(notes.firstFrame);
  const ofFrames = (stage: keyof Omit<FrameTimes, 'arrivedMs'>): Quantiles =>
    quantilesOf(counted.map((times) => times[stage]));
  const ofResults = STAGES.map((stage) => [stage, quantilesOf(drawn.map((times) => times[stage]))] as const);
  return {
    stages: {
      ...(Object.fromEntries(ofResults) as Record<Stage, Quantiles>),
      // all frames, not only those after which something was said
      microphone: ofFrames('microphone'),
      send: ofFrames('send'),
      upstream: ofFrames('upstream'),
    },
    ours: quantilesOf(drawn.map((times) => sumOf(times, OURS))),
    whole: quantilesOf(drawn.map((times) => sumOf(times, STAGES))),
    replaced,
  };
}
