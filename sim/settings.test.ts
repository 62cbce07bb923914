import { expect, it } from 'vitest';
import { readSettings } from './settings.ts';

it('are read as the container reads its variables', () => {
  expect(readSettings([])).toEqual({});
  expect(readSettings(['ASR_CATCH_UP_RATE=1', 'SENTENCE_CHECKPOINTS=0', 'DB_WRITES_PER_SECOND=12'])).toEqual({
    catchUpRate: 1,
    sentenceCheckpoints: false,
    databasePerSecond: 12,
  });
});

it.each([
  'PORT=1',
  'ASR_CATCH_UP_RATE=3',
  'DB_WRITES_PER_SECOND=0',
  'DB_WRITES_PER_SECOND=1001',
  'toString=1',
  '',
])('that do not exist are refused: %s', (setting) => {
  expect(() => readSettings([setting])).toThrow('没有设置');
});
