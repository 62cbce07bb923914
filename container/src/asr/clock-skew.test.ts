import { describe, expect, it, vi } from 'vitest';
import { classify } from './failures.ts';
import { ASR_LIMITS } from './limits.ts';
import { clientOf, serviceForTests, WAIT } from './test-client.ts';
import { greet, type Peer, type Service } from './test-support.ts';

const service = await serviceForTests();

describe('a refused signature (4002)', () => {
  /** The service's clock is an hour ahead; it refuses what was signed more than a minute away from it. */
  const SERVICE_S = 1_700_003_600;
  const judge = (peer: Peer) => {
    if (Math.abs(Number(peer.query.get('timestamp')) - SERVICE_S) < 60) greet(peer);
    else peer.say({ code: 4002, message: '鉴权失败' });
  };
  const tellTime = () => {
    const asked = vi.fn();
    service.serverTime = (response) => {
      asked();
      response.end(`${SERVICE_S}`);
    };
    return asked;
  };

  it('is retriable once the clock is set right, and the next connection opens', async () => {
    service.script = judge;
    const asked = tellTime();
    const { talk, clock } = clientOf(service);
    const first = talk();
    await first.until('failed');
    expect(first.events).toEqual(['failed']);
    expect(first.failures).toEqual([{ ...classify(4002), class: 'retriable' }]);
    const second = talk();
    await second.until('open');
    second.asr.close();
    expect(asked).toHaveBeenCalledOnce();
    expect(clock.waiting).toBe(0);
  });

  it('is fatal the second time: then it is the key', async () => {
    service.script = (peer) => peer.say({ code: 4002, message: '鉴权失败' });
    const asked = tellTime();
    const { talk } = clientOf(service);
    const failures = [];
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const { until, failures: own } = talk();
      await until('failed');
      failures.push(own[0]?.class);
    }
    expect(failures).toEqual(['retriable', 'fatal', 'fatal']);
    expect(asked).toHaveBeenCalledOnce();
  });

  it('is looked into again after a signature was accepted: clocks are set while we run', async () => {
    service.script = judge;
    const asked = tellTime();
    const { talk, clock } = clientOf(service);
    await talk().until('failed');
    const opened = talk();
    await opened.until('open');
    opened.asr.close();
    clock.pass(3_600_000);
    const late = talk();
    await late.until('failed');
    expect(late.failures[0]?.class).toBe('retriable');
    const last = talk();
    await last.until('open');
    last.asr.close();
    expect(asked).toHaveBeenCalledTimes(2);
  });

  it('is retriable for all connections that meet it at once', async () => {
    service.script = judge;
    tellTime();
    const { talk } = clientOf(service);
    const talks = [talk(), talk(), talk()];
    await Promise.all(talks.map(({ until }) => until('failed')));
    expect(talks.map(({ failures }) => failures[0]?.class)).toEqual(['retriable', 'retriable', 'retriable']);
    const after = talk();
    await after.until('open');
    after.asr.close();
  });

  it('is retriable, and the time not asked again, for what was signed before the clock was set right', async () => {
    const late: (() => void)[] = [];
    service.script = (peer) => {
      if (late.length === 0) late.push(() => judge(peer));
      else judge(peer);
    };
    const asked = tellTime();
    const { talk } = clientOf(service);
    const slow = talk();
    await slow.peer();
    const quick = talk();
    await quick.until('failed');
    late[0]?.();
    await slow.until('failed');
    expect(slow.failures).toEqual([{ ...classify(4002), class: 'retriable' }]);
    expect(asked).toHaveBeenCalledOnce();
  });

  it.each<[string, Service['serverTime']]>([
    ['no such page', undefined],
    ['a page that is no time', (response) => response.end('<html>maintenance</html>')],
    ['an endless page', (response) => response.write('1'.repeat(10_000))],
    ['a broken line', (response) => response.socket?.destroy()],
    [
      'half a page',
      (response) => {
        response.writeHead(200, { 'Content-Length': 10 });
        response.write('17000', () => response.socket?.destroy());
      },
    ],
  ])('is fatal where the service gives %s for its time', async (_, serverTime) => {
    service.script = judge;
    service.serverTime = serverTime;
    const { talk, clock } = clientOf(service);
    const { failures, until } = talk();
    await until('failed');
    expect(failures).toEqual([classify(4002)]);
    expect(clock.waiting).toBe(0);
  });

  it('does not wait for ever for the time, and close() ends that wait too', async () => {
    service.script = judge;
    const asked = vi.fn();
    service.serverTime = asked;
    const { talk, clock } = clientOf(service);
    const patient = talk();
    const gone = talk();
    await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(2), WAIT);
    expect(clock.waiting).toBe(2);
    gone.asr.close();
    expect(clock.waiting).toBe(1);
    clock.pass(ASR_LIMITS.SERVER_TIME_TIMEOUT_MS);
    await patient.until('failed');
    expect(patient.failures).toEqual([classify(4002)]);
    expect(gone.events).toEqual([]);
    expect(clock.waiting).toBe(0);
  });

  it('under way is fatal at once', async () => {
    service.script = (peer) => {
      greet(peer);
      peer.say({ code: 4002, message: '鉴权失败' });
    };
    const asked = tellTime();
    const { failures, until } = clientOf(service).talk();
    await until('failed');
    expect(failures).toEqual([classify(4002)]);
    expect(asked).not.toHaveBeenCalled();
  });
});
