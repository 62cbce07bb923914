import { describe, expect, it, vi } from 'vitest';
import { clientOf, serviceForTests, WAIT } from '../../testing/asr/client.ts';
import { type AsrService, type ServerConnection, sendHandshake } from '../../testing/asr/service.ts';
import { ASR_LIMITS } from './connection.ts';
import { failureOfCode } from './failures.ts';

const service = await serviceForTests();

describe('a refused signature (4002)', () => {
  /** The service's clock is an hour ahead; it refuses what was signed more than a minute away from it. */
  const SERVICE_S = 1_700_003_600;
  const checkTimestamp = (connection: ServerConnection) => {
    if (Math.abs(Number(connection.query.get('timestamp')) - SERVICE_S) < 60) sendHandshake(connection);
    else connection.sendJson({ code: 4002, message: '鉴权失败' });
  };
  const serveTime = () => {
    const asked = vi.fn();
    service.serverTime = (response) => {
      asked();
      response.end(`${SERVICE_S}`);
    };
    return asked;
  };

  it('is retriable once the clock is set right, and the next connection opens', async () => {
    service.script = checkTimestamp;
    const asked = serveTime();
    const { connect, clock } = clientOf(service);
    const first = connect();
    await first.until('failed');
    expect(first.events).toEqual(['failed']);
    expect(first.failures).toEqual([{ ...failureOfCode(4002), class: 'retriable' }]);
    const second = connect();
    await second.until('open');
    second.asr.close();
    expect(asked).toHaveBeenCalledOnce();
    expect(clock.pending).toBe(0);
  });

  it('is fatal the second time: then the key is wrong', async () => {
    service.script = (connection) => connection.sendJson({ code: 4002, message: '鉴权失败' });
    const asked = serveTime();
    const { connect } = clientOf(service);
    const failures = [];
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const { until, failures: own } = connect();
      await until('failed');
      failures.push(own[0]?.class);
    }
    expect(failures).toEqual(['retriable', 'fatal', 'fatal']);
    expect(asked).toHaveBeenCalledOnce();
  });

  it('is checked again after a signature was accepted: a clock may be set at any time', async () => {
    service.script = checkTimestamp;
    const asked = serveTime();
    const { connect, clock } = clientOf(service);
    await connect().until('failed');
    const opened = connect();
    await opened.until('open');
    opened.asr.close();
    clock.advanceSync(3_600_000);
    const late = connect();
    await late.until('failed');
    expect(late.failures[0]?.class).toBe('retriable');
    const last = connect();
    await last.until('open');
    last.asr.close();
    expect(asked).toHaveBeenCalledTimes(2);
  });

  it('is retriable for all connections that get it at once', async () => {
    service.script = checkTimestamp;
    serveTime();
    const { connect } = clientOf(service);
    const connections = [connect(), connect(), connect()];
    await Promise.all(connections.map(({ until }) => until('failed')));
    expect(connections.map(({ failures }) => failures[0]?.class)).toEqual([
      'retriable',
      'retriable',
      'retriable',
    ]);
    const after = connect();
    await after.until('open');
    after.asr.close();
  });

  it('is retriable, and the time not asked again, for what was signed before the clock was set right', async () => {
    const late: (() => void)[] = [];
    service.script = (connection) => {
      if (late.length === 0) late.push(() => checkTimestamp(connection));
      else checkTimestamp(connection);
    };
    const asked = serveTime();
    const { connect } = clientOf(service);
    const slow = connect();
    await slow.server();
    const quick = connect();
    await quick.until('failed');
    late[0]?.();
    await slow.until('failed');
    expect(slow.failures).toEqual([{ ...failureOfCode(4002), class: 'retriable' }]);
    expect(asked).toHaveBeenCalledOnce();
  });

  it.each<[string, AsrService['serverTime']]>([
    ['no such page', undefined],
    ['a page that is no time', (response) => response.end('<html>maintenance</html>')],
    ['an endless page', (response) => response.write('1'.repeat(10_000))],
    ['a broken connection', (response) => response.socket?.destroy()],
    [
      'half a page',
      (response) => {
        response.writeHead(200, { 'Content-Length': 10 });
        response.write('17000', () => response.socket?.destroy());
      },
    ],
  ])('is fatal where the service gives %s for its time', async (_, serverTime) => {
    service.script = checkTimestamp;
    service.serverTime = serverTime;
    const { connect, clock } = clientOf(service);
    const { failures, until } = connect();
    await until('failed');
    expect(failures).toEqual([failureOfCode(4002)]);
    expect(clock.pending).toBe(0);
  });

  it('does not wait for ever for the time, and close() ends that wait too', async () => {
    service.script = checkTimestamp;
    const asked = vi.fn();
    service.serverTime = asked;
    const { connect, clock } = clientOf(service);
    const waiting = connect();
    const gone = connect();
    await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(2), WAIT);
    expect(clock.pending).toBe(2);
    gone.asr.close();
    expect(clock.pending).toBe(1);
    clock.advanceSync(ASR_LIMITS.SERVER_TIME_TIMEOUT_MS);
    await waiting.until('failed');
    expect(waiting.failures).toEqual([failureOfCode(4002)]);
    expect(gone.events).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('after the handshake is fatal at once', async () => {
    service.script = (connection) => {
      sendHandshake(connection);
      connection.sendJson({ code: 4002, message: '鉴权失败' });
    };
    const asked = serveTime();
    const { failures, until } = clientOf(service).connect();
    await until('failed');
    expect(failures).toEqual([failureOfCode(4002)]);
    expect(asked).not.toHaveBeenCalled();
  });
});
