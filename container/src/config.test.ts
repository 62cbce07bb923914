import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

const ENV = {
  TCB_ENV: 'env',
  TICKET_SECRET: 'a-secret-that-is-long-enough-0123456789',
  TENCENT_APPID: '1250000000',
  TENCENT_SECRET_ID: 'id',
  TENCENT_SECRET_KEY: 'key',
  CLOUDBASE_APIKEY: 'key',
};
const read = (path?: string) => readConfig({ ...ENV, ...(path !== undefined && { SOCKETIO_PATH: path }) });

describe('SOCKETIO_PATH', () => {
  it.each([
    [undefined, '/socket.io/'],
    ['/', '/'],
    ['/voice/socket', '/voice/socket/'],
    ['/a.b_c~d/', '/a.b_c~d/'],
  ])('%s is %s', (path, socketIoPath) => {
    expect(read(path)).toMatchObject({ config: { socketIoPath } });
  });

  it.each([
    '',
    'socket.io',
    '//',
    '/a b/',
    '/a?b',
    '/ws',
    '/health/',
    '/test-ws',
    '/api/realtime-voice/stats',
  ])('is not "%s", and the problem names it', (path) => {
    expect(read(path)).toEqual({ problems: [expect.stringMatching(/^SOCKETIO_PATH：/)] });
  });
});

describe('RECOGNISER_STREAMS', () => {
  const streams = (value?: string) =>
    readConfig({ ...ENV, ...(value !== undefined && { RECOGNISER_STREAMS: value }) });

  it('is what the account has, or unknown', () => {
    expect(streams()).toMatchObject({ config: { recogniserStreams: undefined } });
    expect(streams('190')).toMatchObject({ config: { recogniserStreams: 190 } });
  });

  it.each(['0', '-1', '1.5', 'all', ''])('is not "%s", and the problem names it', (value) => {
    expect(streams(value)).toEqual({ problems: [expect.stringMatching(/^RECOGNISER_STREAMS：/)] });
  });
});
