import { describe, expect, test } from 'vitest';
import { UsageError } from '../../lib/command-line.ts';
import { FAULT_KINDS, planOf } from './faults.ts';
import { ALL_CELLS, chooseCells } from './matrix.ts';

const names = (quick: boolean, only?: string): string[] =>
  chooseCells({ quick, only }).map(({ kind, speech }) => `${kind.id}/${speech.id}`);

describe('the cells of a run', () => {
  test('are every kind of fault with every way of speaking', () => {
    expect(names(false)).toHaveLength(11 * 3);
    expect(new Set(names(false)).size).toBe(ALL_CELLS.length);
  });

  test('are five when it is to be quick', () => {
    expect(names(true)).toEqual([
      'kill/pauses',
      'term/pauses',
      'drop/pauses',
      '5000/pauses',
      'cut-10/pauses',
    ]);
  });

  test('can be chosen by fault, speech or both', () => {
    expect(names(false, 'kill,drop/nonstop')).toEqual([
      'kill/sentences',
      'kill/pauses',
      'kill/nonstop',
      'drop/nonstop',
    ]);
    expect(names(false, '/pauses')).toHaveLength(11);
    expect(names(true, 'kill')).toEqual(['kill/pauses']);
    expect(names(true, '4000')).toEqual([]);
  });

  test.each(['', 'kil', 'kill/x', 'kill/pauses/1', '/'])('are not chosen by %j', (only) => {
    expect(() => chooseCells({ quick: false, only })).toThrow(UsageError);
  });
});

describe('a plan', () => {
  const run = { sessions: 10, staggerMs: 3_000, durationMs: 60_000, seed: 1 };

  test('has one fault, which meets all sessions once the last has recorded so much', () => {
    for (const kind of FAULT_KINDS) {
      const { faults, firstStreams = [], stops } = planOf(kind, 25_000, run);
      expect(stops).toEqual([]);
      if (firstStreams.length > 0)
        expect(firstStreams, kind.id).toEqual([expect.objectContaining({ afterAudioMs: 25_000, times: 10 })]);
      else expect(new Set(faults.map(({ atMs }) => atMs)), kind.id).toEqual(new Set([28_000]));
      expect(faults.length + firstStreams.length, kind.id).toBe(kind.id.startsWith('cut') ? 10 : 1);
    }
  });
});
