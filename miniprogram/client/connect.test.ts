import { describe, expect, it } from 'vitest';
import { flushPromises } from '../../lib/fake-clock.ts';
import { Phone } from './testing/phone.ts';

describe('connect()', () => {
  it('resolves when the namespace is connected, at once where it is', async () => {
    const phone = new Phone({ namespace: '/asr' });
    let done = false;
    const connected = phone.client.connect().then(() => {
      done = true;
    });
    const task = await phone.server.task();
    task.handshake();
    await flushPromises();
    expect(done).toBe(false);
    task.welcome('/asr');
    await connected;
    await phone.client.connect();
    expect(phone.clock.due).toHaveLength(1);
  });

  it('rejects with the first failure of the dial and leaves the attempts going', async () => {
    const phone = new Phone();
    const why = { errCode: -501000, errMsg: 'cloud.connectContainer:fail INVALID_SERVICE' };
    phone.server.refuseWith = why;
    await expect(phone.client.connect()).rejects.toMatchObject({ code: 'transport', context: why });
    expect(phone.client.active).toBe(true);
    phone.server.refuseWith = undefined;
    await phone.clock.advance(1000);
    (await phone.server.task()).accept();
    expect(phone.client.isConnected()).toBe(true);
  });

  it('rejects where the dialer throws', async () => {
    const phone = new Phone({
      dial: () => {
        throw new TypeError('wx is not defined');
      },
    });
    await expect(phone.client.connect()).rejects.toMatchObject({ code: 'transport' });
    phone.client.disconnect();
  });

  it.each(['handshake', 'namespace'])('rejects when the transport closes before the %s', async (before) => {
    const phone = new Phone({ reconnection: false });
    const failed = expect(phone.client.connect()).rejects.toMatchObject({
      code: 'transport',
      message: 'transport close',
      context: { code: 1006 },
    });
    const task = await phone.server.task();
    if (before === 'namespace') task.handshake();
    task.drop({ code: 1006 });
    await failed;
  });

  it('rejects when the socket reports an error', async () => {
    const phone = new Phone({ reconnection: false });
    const failed = expect(phone.client.connect()).rejects.toMatchObject({ code: 'transport' });
    (await phone.server.task()).error('connectSocket:fail');
    await failed;
  });

  it('rejects with what the server says when it refuses the namespace', async () => {
    const phone = new Phone({ namespace: '/asr' });
    const failed = expect(phone.client.connect()).rejects.toMatchObject({
      code: 'refused',
      message: 'bad ticket',
      data: { code: 'TICKET' },
    });
    const task = await phone.server.task();
    task.handshake();
    task.deliver('44/asr,{"message":"bad ticket","data":{"code":"TICKET"}}');
    await failed;
    expect(task.closed).toBe(true);
  });

  it('rejects where the refusal is a bare text or nothing, and where the server is too old to give an id', async () => {
    for (const [frame, message] of [
      ['44"no"', 'no'],
      ['44', 'undefined'],
      ['40', 'parse error'],
    ] as const) {
      const phone = new Phone();
      const failed = expect(phone.client.connect()).rejects.toMatchObject({ code: 'refused', message });
      const task = await phone.server.task();
      task.handshake();
      task.deliver(frame);
      await failed;
    }
  });

  it('rejects when neither handshake nor namespace answers in time', async () => {
    const silent = new Phone({ timeout: 3000 });
    const failed = expect(silent.client.connect()).rejects.toMatchObject({ code: 'timeout' });
    await silent.clock.advance(3000);
    await failed;

    const half = new Phone({ timeout: 3000 });
    const failedLater = expect(half.client.connect()).rejects.toMatchObject({ code: 'timeout' });
    (await half.server.task()).handshake();
    await half.clock.advance(6000);
    await failedLater;
  });

  it('rejects when disconnect() is called meanwhile', async () => {
    const phone = new Phone();
    const failed = expect(phone.client.connect()).rejects.toMatchObject({ code: 'closed' });
    phone.client.disconnect();
    await failed;
    expect(phone.clock.due).toEqual([]);
  });

  it('does not wait for the rest of a backoff', async () => {
    const phone = new Phone();
    const task = await phone.online();
    task.drop();
    const connected = phone.client.connect();
    (await phone.server.task()).accept('/', 'again');
    await connected;
    expect(phone.client.id).toBe('again');
    await phone.clock.advance(9000);
    expect(phone.server.tasks).toHaveLength(2);
  });
});

describe('the dial', () => {
  it('gets service, path, query and header; env only when given', async () => {
    const phone = new Phone({ path: '/ws', query: { 'a b': '&', n: 1 }, header: { 'x-h': '1' } });
    phone.client.open();
    expect(phone.server.requests[0]).toEqual({
      service: 'echo',
      path: '/ws/?a%20b=%26&n=1&EIO=4&transport=websocket',
      header: { 'x-h': '1' },
      env: undefined,
    });
  });

  it('an option that is given as undefined counts as not given', async () => {
    const phone = new Phone({ path: undefined, timeout: undefined, reconnection: undefined } as never);
    phone.client.open();
    expect(phone.server.requests[0]?.path).toBe('/socket.io/?EIO=4&transport=websocket');
    expect(phone.clock.due).toEqual([20_000]);
  });

  it('autoConnect dials in the constructor; without it nothing happens', async () => {
    expect(new Phone().server.requests).toHaveLength(0);
    expect(new Phone({ autoConnect: true }).server.requests).toHaveLength(1);
  });
});
