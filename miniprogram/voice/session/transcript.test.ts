import { describe, expect, it } from 'vitest';
import type { ResultEvent } from '../../../contract/stream.ts';
import {
  EMPTY_TRANSCRIPT,
  lastContiguousIndex,
  type Transcript,
  withCompletion,
  withResult,
  withResume,
  withSettled,
} from './transcript.ts';

const result = (index: number, text: string, final: boolean): ResultEvent => ({
  sessionId: 'session-0001',
  index,
  text,
  final,
  startMs: index * 1_000,
  endMs: index * 1_000 + 900,
});
const of = (...results: ResultEvent[]): Transcript => results.reduce(withResult, EMPTY_TRANSCRIPT);
const texts = ({ lines }: Transcript): string[] => lines.map((line) => line.text);

describe('a result', () => {
  it('replaces the line of its index', () => {
    expect(texts(of(result(0, '今', false), result(0, '今天', false), result(0, '今天。', true)))).toEqual([
      '今天。',
    ]);
  });

  it('stands where its index belongs, whenever it comes', () => {
    expect(texts(of(result(2, '丙', true), result(0, '甲', true), result(1, '乙', true)))).toEqual([
      '甲',
      '乙',
      '丙',
    ]);
  });

  it('that is an interim does not take back a final', () => {
    expect(texts(of(result(0, '甲。', true), result(0, '甲', false)))).toEqual(['甲。']);
  });

  it('that is an empty interim takes its line back, but not a final', () => {
    expect(texts(of(result(0, '甲', true), result(1, '噪', false), result(1, '', false)))).toEqual(['甲']);
    expect(texts(of(result(0, '甲', true), result(0, '', false)))).toEqual(['甲']);
    expect(texts(of(result(0, '', false)))).toEqual([]);
  });

  it('leaves the former value as it was', () => {
    const before = of(result(0, '甲', false));
    withResult(before, result(0, '乙', true));
    expect(texts(before)).toEqual(['甲']);
  });
});

describe('settling', () => {
  it('settles finals up to the index, and an interim never', () => {
    const { lines } = withSettled(
      of(result(0, '甲', true), result(1, '乙', true), result(2, '丙', false)),
      2,
    );
    expect(lines.map((line) => line.settled)).toEqual([true, true, false]);
  });

  it('settles a final that comes after its own settling', () => {
    expect(withResult(withSettled(EMPTY_TRANSCRIPT, 3), result(2, '丙', true)).lines[0]?.settled).toBe(true);
  });

  it('never goes back, and without news is the same value', () => {
    const settled = withSettled(of(result(0, '甲', true)), 0);
    expect(withSettled(settled, -1)).toBe(settled);
  });
});

describe('a resume', () => {
  it('drops what stands at or above the next index', () => {
    const before = of(result(0, '甲', true), result(1, '乙', true), result(2, '丙', false));
    expect(texts(withResume(before, 1, 0))).toEqual(['甲']);
  });

  it('believes the container about what is stored', () => {
    const before = withSettled(of(result(0, '甲', true), result(1, '乙', true)), 1);
    expect(withResume(before, 1, 0).settledIndex).toBe(0);
  });
});

it('at the end every final is settled, and an interim is not shown', () => {
  const { lines, settledIndex } = withCompletion(of(result(0, '甲', true), result(1, '乙', false)));
  expect(lines).toMatchObject([{ text: '甲', settled: true }]);
  expect(settledIndex).toBe(0);
});

describe('what is known', () => {
  it('ends before the first stored sentence that was never shown', () => {
    const lines = of(
      result(0, '甲', true),
      result(1, '乙', true),
      result(3, '丁', true),
      result(4, '戊', true),
    );
    expect(lastContiguousIndex(withSettled(lines, 4))).toBe(1);
    expect(lastContiguousIndex(withSettled(withResult(lines, result(2, '丙', true)), 3))).toBe(3);
  });

  it('is nothing where nothing is stored, or the first was missed', () => {
    expect(lastContiguousIndex(of(result(0, '甲', true)))).toBe(-1);
    expect(lastContiguousIndex(withSettled(of(result(1, '乙', true)), 1))).toBe(-1);
    expect(lastContiguousIndex(EMPTY_TRANSCRIPT)).toBe(-1);
  });

  it('does not count a sentence that is an interim so far', () => {
    expect(lastContiguousIndex(withSettled(of(result(0, '甲', true), result(1, '乙', false)), 1))).toBe(0);
  });
});
