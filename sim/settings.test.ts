import { expect, it } from 'vitest';
import { configOf, readSettings } from './settings.ts';

it('are what the container makes of its variables', () => {
  const settings = readSettings(['ASR_CATCH_UP_RATE=1', 'SENTENCE_CHECKPOINTS=0', 'DB_WRITES_PER_SECOND=12']);
  expect(configOf(settings)).toMatchObject({
    asrCatchUpRate: 1,
    sentenceCheckpoints: false,
    dbWritesPerSecond: 12,
  });
  expect(readSettings([])).toEqual({});
});

it.each(['PORT=1', 'toString=1', ''])('that the simulator does not follow are refused: %s', (setting) => {
  expect(() => readSettings([setting])).toThrow('没有设置');
});

it.each([
  'ASR_CATCH_UP_RATE=3',
  'DB_WRITES_PER_SECOND=0',
  'DB_WRITES_PER_SECOND=1001',
  'SENTENCE_CHECKPOINTS',
])('that the container does not take are refused: %s', (setting) => {
  expect(() => readSettings([setting])).toThrow(setting.split('=')[0]);
});
