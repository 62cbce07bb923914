import { describe, expect, it, vi } from 'vitest';
import { clientOf, serviceForTests, WAIT } from '../../testing/asr/client.ts';
import { sendHandshake, startAsrService } from '../../testing/asr/service.ts';
import { failureOfCode } from './failures.ts';

const service = await serviceForTests();
const gone = () => vi.waitFor(() => expect(service.sockets()).toBe(0), WAIT);
const CODES = [
  4000, 4001, 4003, 4004, 4005, 4006, 4007, 4008, 4009, 4010, 5000, 5001, 5002, 6001, 4444, 5555,
];

describe('a code of the service', () => {
  it.each(CODES)('%i instead of a handshake, then a close, is one failure', async (code) => {
    service.script = (connection) => {
      connection.sendJson({ code, message: '失败', voice_id: 'v' });
      connection.socket.close();
    };
    const { connect, clock } = clientOf(service);
    const { events, failures, until } = connect();
    await until('failed');
    await gone();
    expect(events).toEqual(['failed']);
    expect(failures).toEqual([failureOfCode(code)]);
    expect(clock.pending).toBe(0);
  });

  it.each(CODES)('%i after the handshake, then a close, is one failure', async (code) => {
    service.script = (connection) => {
      sendHandshake(connection);
      connection.sendJson({ code, message: '失败', voice_id: 'v', message_id: 'v_1' });
      connection.socket.close();
    };
    const { events, failures, until } = clientOf(service).connect();
    await until('failed');
    await gone();
    expect(events).toEqual(['open', 'failed']);
    expect(failures).toEqual([failureOfCode(code)]);
  });
});

describe('the upgrade', () => {
  it.each([
    [403, 'ASR_AUTH'],
    [503, 'ASR_UNAVAILABLE'],
  ])('refused with %i is retriable', async (status, error) => {
    service.upgrade = (_, socket) => {
      socket.end(`HTTP/1.1 ${status} No\r\nRetry-After: 2\r\nContent-Length: 4\r\n\r\nbody`);
    };
    const { connect, log, clock } = clientOf(service);
    const { events, failures, until } = connect();
    await until('failed');
    await gone();
    expect(events).toEqual(['failed']);
    expect(failures).toEqual([{ reason: 'refused', class: 'retriable', error, retryAfterMs: 2_000 }]);
    expect(log.warn).toHaveBeenCalledWith(expect.objectContaining({ status }), 'asr failed');
    expect(clock.pending).toBe(0);
  });

  it('that cannot even connect is a network failure', async () => {
    const absent = await startAsrService();
    await absent.stop();
    const { connect, log } = clientOf(absent);
    const { events, failures, until } = connect();
    await until('failed');
    expect(events).toEqual(['failed']);
    expect(failures[0]).toEqual({ reason: 'network', class: 'retriable', error: 'ASR_UNAVAILABLE' });
    expect(log.warn).toHaveBeenCalledWith(expect.objectContaining({ errno: 'ECONNREFUSED' }), 'asr failed');
  });
});
