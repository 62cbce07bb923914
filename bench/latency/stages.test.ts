import { describe, expect, test } from 'vitest';
import type { ResultMoments } from './page.ts';
import { latenciesOf, type Notes, UnusableNotes } from './stages.ts';

const FRAME_SAMPLES = 1_600;
const RATE_HZ = 16_000;
const FRAME_MS = 100;
/** The recogniser's clock is so far ahead of the page's, ms. */
const OFFSET_MS = 50_000;
const FRAMES = 20;

const us = (pageMs: number): number => Math.round((pageMs + OFFSET_MS) * 1_000);
/** When the last sound of a frame is spoken; the recording begins at 1 s of the page's clock. */
const spokenMs = (frame: number): number => 1_000 + (frame + 1) * FRAME_MS;

/** Every frame passes each stage in the same time, and after every fifth something is said. */
function notesOf(changes: Partial<Notes> = {}): Notes {
  const frames = Array.from({ length: FRAMES }, (_, frame) => frame);
  const passed = (laterMs: number) =>
    frames.map((frame) => ({ endPos: (frame + 1) * FRAME_SAMPLES, atMs: spokenMs(frame) + laterMs }));
  const said = frames
    .filter((frame) => frame % 5 === 4)
    .map((frame) => ({ frame, sentUs: us(spokenMs(frame) + 3.5) }));
  const moments = (frame: number): ResultMoments => {
    const saidMs = spokenMs(frame) + 3.5;
    return {
      received: saidMs + 4,
      wanted: saidMs + 5,
      called: saidMs + 7,
      changed: saidMs + 10,
      frame: saidMs + 18,
      drawn: saidMs + 20,
    };
  };
  // the first frame is handed over at once: it tells when the sound began
  const recorded = passed(0).map((one, frame) => ({ ...one, atMs: one.atMs + (frame === 0 ? 0 : 0.5) }));
  return {
    page: {
      recorded,
      sent: passed(1),
      results: Object.fromEntries(said.map(({ frame, sentUs }) => [sentUs % 2 ** 32, moments(frame)])),
    },
    sink: { arrivedUs: frames.map((frame) => us(spokenMs(frame) + 3)), said },
    offsetMs: OFFSET_MS,
    errorMs: 0.1,
    frameSamples: FRAME_SAMPLES,
    rateHz: RATE_HZ,
    firstFrame: 5,
    ...changes,
  };
}

describe('the stages', () => {
  test('are what passed between two moments, across two clocks', () => {
    const { stages, replaced } = latenciesOf(notesOf());
    const p50 = Object.fromEntries(
      Object.entries(stages).map(([stage, { p50 }]) => [stage, Math.round(p50 * 10) / 10]),
    );
    expect(p50).toEqual({
      microphone: 0.5,
      send: 0.5,
      upstream: 2,
      recogniser: 0.5,
      downstream: 4,
      read: 1,
      turn: 2,
      set: 3,
      refresh: 8,
      draw: 2,
    });
    expect([stages.send.count, stages.downstream.count, replaced]).toEqual([15, 3, 0]);
  });

  test('ours are neither the microphone, nor the recogniser, nor the screen', () => {
    const { ours, whole } = latenciesOf(notesOf());
    expect(ours.p50).toBeCloseTo(0.5 + 2 + 4 + 1 + 2 + 3 + 2);
    expect(whole.p50).toBeCloseTo(ours.p50 + 0.5 + 0.5 + 8);
  });

  test('a frame that is sent in two messages is sent when the second is', () => {
    const notes = notesOf();
    const sent = notes.page.sent.flatMap(({ endPos, atMs }) => [
      { endPos: endPos - 600, atMs: atMs - 0.5 },
      { endPos, atMs: atMs + 1 },
    ]);
    const { stages } = latenciesOf({ ...notes, page: { ...notes.page, sent } });
    expect([stages.send.p50, stages.upstream.p50]).toEqual([1.5, 1]);
  });

  test('a result that a newer one replaced is counted as that', () => {
    const notes = notesOf();
    const [first = ''] = Object.keys(notes.page.results).slice(1);
    const results = { ...notes.page.results, [first]: { received: 1, wanted: 2 } };
    const { stages, replaced } = latenciesOf({ ...notes, page: { ...notes.page, results } });
    expect([stages.downstream.count, replaced]).toEqual([2, 1]);
  });
});

describe('notes that tell nothing', () => {
  test('a frame that arrived changed, or not at all', () => {
    const { sink } = notesOf();
    const arrivedUs = sink.arrivedUs.with(7, null);
    expect(() => latenciesOf(notesOf({ sink: { ...sink, arrivedUs } }))).toThrow(/第 7 帧/);
    // before it counts, it may
    const early = sink.arrivedUs.with(2, null);
    expect(() => latenciesOf(notesOf({ sink: { ...sink, arrivedUs: early } }))).not.toThrow();
  });

  test('a stage that is negative by more than the clocks may be wrong', () => {
    expect(() => latenciesOf(notesOf({ offsetMs: OFFSET_MS + 4.2 }))).toThrow('「upstream」是负的');
    expect(() => latenciesOf(notesOf({ offsetMs: OFFSET_MS + 2.05 }))).not.toThrow();
  });

  test('no text at all', () => {
    const { page } = notesOf();
    expect(() => latenciesOf(notesOf({ page: { ...page, results: {} } }))).toThrow(UnusableNotes);
  });
});
