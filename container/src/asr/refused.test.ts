import { describe, expect, it, vi } from 'vitest';
import { classify } from './failures.ts';
import { clientOf, serviceForTests, WAIT } from './test-client.ts';
import { greet, startService } from './test-support.ts';

const service = await serviceForTests();
const gone = () => vi.waitFor(() => expect(service.sockets()).toBe(0), WAIT);
const CODES = [
  4000, 4001, 4003, 4004, 4005, 4006, 4007, 4008, 4009, 4010, 5000, 5001, 5002, 6001, 4444, 5555,
];

describe('a code of the service', () => {
  it.each(CODES)('%i instead of a greeting, then a close, is one failure', async (code) => {
    service.script = (peer) => {
      peer.say({ code, message: '失败', voice_id: 'v' });
      peer.socket.close();
    };
    const { talk, clock } = clientOf(service);
    const { events, failures, until } = talk();
    await until('failed');
    await gone();
    expect(events).toEqual(['failed']);
    expect(failures).toEqual([classify(code)]);
    expect(clock.waiting).toBe(0);
  });

  it.each(CODES)('%i under way, then a close, is one failure', async (code) => {
    service.script = (peer) => {
      greet(peer);
      peer.say({ code, message: '失败', voice_id: 'v', message_id: 'v_1' });
      peer.socket.close();
    };
    const { events, failures, until } = clientOf(service).talk();
    await until('failed');
    await gone();
    expect(events).toEqual(['open', 'failed']);
    expect(failures).toEqual([classify(code)]);
  });
});

describe('the upgrade', () => {
  it.each([
    [400, 'ASR_UNAVAILABLE'],
    [403, 'ASR_AUTH'],
    [503, 'ASR_UNAVAILABLE'],
  ])('refused with %i is retriable', async (status, error) => {
    service.upgrade = (_, socket) => {
      socket.end(`HTTP/1.1 ${status} No\r\nRetry-After: 2\r\nContent-Length: 4\r\n\r\nbody`);
    };
    const { talk, log, clock } = clientOf(service);
    const { events, failures, until } = talk();
    await until('failed');
    await gone();
    expect(events).toEqual(['failed']);
    expect(failures).toEqual([{ reason: 'refused', class: 'retriable', error, retryAfterMs: 2_000 }]);
    expect(log.warn).toHaveBeenCalledWith(expect.objectContaining({ status }), 'asr failed');
    expect(clock.waiting).toBe(0);
  });

  it('that cannot even connect is a network failure', async () => {
    const absent = await startService();
    await absent.stop();
    const { talk, log } = clientOf(absent);
    const { events, failures, until } = talk();
    await until('failed');
    expect(events).toEqual(['failed']);
    expect(failures[0]).toEqual({ reason: 'network', class: 'retriable', error: 'ASR_UNAVAILABLE' });
    expect(log.warn).toHaveBeenCalledWith(expect.objectContaining({ errno: 'ECONNREFUSED' }), 'asr failed');
  });
});
