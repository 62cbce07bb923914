import { expect, test } from 'vitest';
import { VoiceError } from '../../contract/errors.ts';
import { BUILD } from '../../lib/build.ts';
import { FakeClock } from '../../lib/fake-clock.ts';
import { consoleLog, loggedError } from './log.ts';

const CALL = { fn: 'history', requestId: 'req-1' };

test('each line is one JSON object with level, time and msg; the first one of a cold start says which build runs', () => {
  const clock = new FakeClock(1_760_000_000_000);
  const lines: string[] = [];
  const log = consoleLog(clock, (line) => lines.push(line));
  log.warn({ ...CALL, what: 'orphan\n', err: { type: 'Error', message: 'x' } }, 'one');
  clock.advanceSync(5);
  log.info({ ...CALL, detail: undefined }, 'two');
  log.error(CALL, 'three');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      level: 40,
      time: 1_760_000_000_000,
      ...BUILD,
      ...CALL,
      what: 'orphan\n',
      err: { type: 'Error', message: 'x' },
      msg: 'one',
    },
    { level: 30, time: 1_760_000_000_005, ...CALL, msg: 'two' },
    { level: 50, time: 1_760_000_000_005, ...CALL, msg: 'three' },
  ]);
  expect(lines.join('')).not.toContain('\n');
});

test.each([
  [new TypeError('no'), { type: 'TypeError', message: 'TypeError no' }],
  [
    { errCode: -502005, errMsg: 'gone' },
    { type: 'object', message: 'gone' },
  ],
  ['text', { type: 'string', message: 'text' }],
  [undefined, { type: 'undefined', message: '' }],
])('why something failed (%s), whatever was thrown', (thrown, logged) => {
  expect(loggedError(thrown)).toEqual(logged);
});

test('causes are named with what they caused, at most four, and cut', () => {
  const cause = new Error('y'.repeat(400), { cause: new Error('never told') });
  const { message } = loggedError(new VoiceError('STORE_UNAVAILABLE', { cause }));
  expect(message).toMatch(/^VoiceError STORE_UNAVAILABLE .* < Error y+$/);
  expect(message).toHaveLength(300);
});
