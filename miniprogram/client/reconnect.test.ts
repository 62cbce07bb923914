import { describe, expect, it, vi } from 'vitest';
import { flushPromises } from '../../lib/fake-clock.ts';
import { Phone } from './testing/phone.ts';

const REFUSED = { errMsg: 'cloud.connectContainer:fail' };

/** The waits before the first attempts, ms. */
async function waits(phone: Phone, count: number): Promise<number[]> {
  phone.server.refuseWith = REFUSED;
  phone.client.open();
  await flushPromises();
  const found: number[] = [];
  while (found.length < count) {
    const [wait = -1] = phone.clock.due;
    found.push(wait);
    await phone.clock.advance(wait);
  }
  return found;
}

describe('backoff', () => {
  it('doubles up to the maximum', async () => {
    expect(await waits(new Phone(), 5)).toEqual([1000, 2000, 4000, 5000, 5000]);
  });

  it('moves every wait at random, also at the maximum', async () => {
    const low = new Phone();
    low.chance = 0;
    expect(await waits(low, 4)).toEqual([500, 1000, 2000, 2500]);
    const high = new Phone();
    high.chance = 0.999;
    expect((await waits(high, 4)).map(Math.round)).toEqual([1499, 2998, 5000, 5000]);
  });

  it('moves nothing with randomizationFactor 0', async () => {
    const phone = new Phone({ randomizationFactor: 0, reconnectionDelay: 100, reconnectionDelayMax: 300 });
    phone.chance = 0;
    expect(await waits(phone, 3)).toEqual([100, 200, 300]);
  });

  it('begins anew after a success', async () => {
    const phone = new Phone();
    await waits(phone, 3);
    phone.server.refuseWith = undefined;
    await phone.clock.advance(5000);
    const task = await phone.server.task();
    task.accept();
    task.drop();
    expect(phone.clock.due).toEqual([1000]);
  });
});

describe('reconnection', () => {
  it('follows a lost transport, with the attempts counted', async () => {
    const phone = new Phone();
    const task = await phone.online();
    task.drop({ code: 1006, reason: 'interrupted' });
    await phone.clock.advance(1000);
    (await phone.server.task()).accept();
    expect(phone.emitted).toEqual([
      'disconnect transport close',
      'close transport close',
      'reconnect_attempt 1',
      'reconnect 1',
      'connect',
    ]);
  });

  it('tells at which attempt it succeeded', async () => {
    const phone = new Phone();
    const task = await phone.online();
    task.drop();
    phone.server.refuseWith = REFUSED;
    await phone.clock.advance(1000);
    await phone.clock.advance(2000);
    phone.server.refuseWith = undefined;
    await phone.clock.advance(4000);
    (await phone.server.task()).accept();
    expect(phone.emitted.filter((line) => /^reconnect(_attempt)? /.test(line))).toEqual([
      'reconnect_attempt 1',
      'reconnect_attempt 2',
      'reconnect_attempt 3',
      'reconnect 3',
    ]);
  });

  it('gives up after reconnectionAttempts and says so once', async () => {
    const phone = new Phone({ reconnectionAttempts: 2 });
    phone.server.refuseWith = REFUSED;
    phone.client.open();
    await phone.clock.advance(60_000);
    expect(phone.server.requests).toHaveLength(3);
    expect(phone.emitted.filter((line) => line === 'reconnect_failed')).toHaveLength(1);
    expect(phone.clock.due).toEqual([]);
  });

  it('can be tried again by hand after it gave up', async () => {
    const phone = new Phone({ reconnectionAttempts: 1 });
    phone.server.refuseWith = REFUSED;
    phone.client.open();
    await phone.clock.advance(60_000);
    phone.server.refuseWith = undefined;
    const connected = phone.client.connect();
    (await phone.server.task()).accept();
    await connected;
  });

  it('does not happen with reconnection: false', async () => {
    const phone = new Phone({ reconnection: false });
    const task = await phone.online();
    task.drop();
    await phone.clock.advance(60_000);
    expect(phone.server.tasks).toHaveLength(1);
  });

  it('does not follow disconnect(), nor a disconnection by the server', async () => {
    for (const leave of ['client', 'server']) {
      const phone = new Phone();
      const task = await phone.online();
      if (leave === 'client') phone.client.disconnect();
      else task.deliver('41');
      await phone.clock.advance(60_000);
      expect(phone.server.tasks).toHaveLength(1);
      expect(phone.client.active).toBe(false);
      expect(phone.emitted[0]).toBe(`close forced close`);
      expect(phone.emitted[1]).toBe(`disconnect io ${leave} disconnect`);
      expect(task.closed).toBe(true);
    }
  });

  it('does not follow a refused namespace', async () => {
    const phone = new Phone({ namespace: '/asr' });
    phone.client.open();
    const task = await phone.server.task();
    task.handshake();
    task.deliver('44/asr,{"message":"no","data":{"code":7}}');
    await phone.clock.advance(60_000);
    expect(phone.server.tasks).toHaveLength(1);
    expect(phone.emitted).toEqual(['close forced close', 'connect_error no']);
    expect(phone.client.active).toBe(false);
  });

  it('stops when a listener of the attempt disconnects', async () => {
    const phone = new Phone();
    const task = await phone.online();
    phone.client.onInternal('reconnect_attempt', () => phone.client.disconnect());
    task.drop();
    await phone.clock.advance(60_000);
    expect(phone.server.tasks).toHaveLength(1);
  });

  it('goes on when a listener of the disconnection connects by itself, with one dial', async () => {
    const phone = new Phone();
    const task = await phone.online();
    phone.client.onInternal('disconnect', () => phone.client.open());
    task.drop();
    await phone.clock.advance(60_000 - 41_000);
    expect(phone.server.tasks).toHaveLength(2);
    (await phone.server.task()).accept();
    expect(phone.client.isConnected()).toBe(true);
    (await phone.server.task()).drop();
    await phone.clock.advance(5000);
    expect(phone.server.tasks).toHaveLength(3);
  });

  it('a dial that is not answered in time fails with "timeout" and is tried again', async () => {
    const phone = new Phone({ timeout: 3000 });
    phone.client.open();
    await phone.clock.advance(3000);
    expect(phone.emitted).toEqual(['connect_error timeout']);
    expect((await phone.server.task()).closed).toBe(true);
    await phone.clock.advance(1000);
    expect(phone.server.tasks).toHaveLength(2);
  });
});

describe('reconnect()', () => {
  it('leaves a connection that stands and dials at once', async () => {
    const phone = new Phone();
    const task = await phone.online();
    phone.client.reconnect();
    expect(task.closed).toBe(true);
    await phone.clock.advance(0);
    (await phone.server.task()).accept('/', 'second');
    expect(phone.client.id).toBe('second');
    expect(phone.server.tasks).toHaveLength(2);
    expect(phone.emitted).toEqual([
      'disconnect forced close',
      'close forced close',
      'reconnect_attempt 1',
      'reconnect 1',
      'connect',
    ]);
  });

  it('waits for the given delay, and no backoff comes in between', async () => {
    const phone = new Phone();
    await phone.online();
    phone.client.reconnect(60_000);
    expect(phone.clock.due).toEqual([60_000]);
    await phone.clock.advance(60_000);
    expect(phone.server.tasks).toHaveLength(2);
  });

  it('makes a wait shorter or longer', async () => {
    const phone = new Phone();
    (await phone.online()).drop();
    phone.client.reconnect(30_000);
    expect(phone.clock.due).toEqual([30_000]);
    phone.client.reconnect(200);
    expect(phone.clock.due).toEqual([200]);
    phone.client.reconnect();
    await phone.clock.advance(0);
    expect(phone.server.tasks).toHaveLength(2);
  });

  it('holds for one attempt: the next wait is by backoff again', async () => {
    const phone = new Phone();
    (await phone.online()).drop();
    phone.server.refuseWith = REFUSED;
    phone.client.reconnect(10);
    await phone.clock.advance(10);
    expect(phone.clock.due).toEqual([2000]);
  });

  it('called by a listener of the loss, it decides the wait', async () => {
    const phone = new Phone();
    phone.client.onInternal('disconnect', () => phone.client.reconnect(70));
    phone.client.onInternal('connect_error', () => phone.client.reconnect(90));
    phone.server.refuseWith = REFUSED;
    phone.client.open();
    await flushPromises();
    expect(phone.clock.due).toEqual([90]);
    phone.server.refuseWith = undefined;
    await phone.clock.advance(90);
    const task = await phone.server.task();
    task.accept();
    task.drop();
    expect(phone.clock.due).toEqual([70]);
  });

  it('brings back a namespace that was refused, when its listener asks', async () => {
    const phone = new Phone({ namespace: '/asr' });
    phone.client.onInternal('connect_error', (error) => phone.client.reconnect(error.data.retryAfterMs));
    phone.client.open();
    const task = await phone.server.task();
    task.handshake();
    task.deliver('44/asr,{"message":"busy","data":{"retryAfterMs":3000}}');
    expect(phone.client.active).toBe(true);
    expect(phone.events).toBeDefined();
    await phone.clock.advance(2999);
    expect(phone.server.tasks).toHaveLength(1);
    await phone.clock.advance(1);
    (await phone.server.task()).accept('/asr');
    expect(phone.client.isConnected()).toBe(true);
  });

  it('gives up a dial that is under way', async () => {
    const phone = new Phone();
    phone.client.open();
    const task = await phone.server.task();
    phone.client.reconnect();
    await phone.clock.advance(0);
    expect(phone.server.tasks.map(({ closed }) => closed)).toEqual([true, false]);
    task.accept();
    expect(phone.client.isConnected()).toBe(false);
    (await phone.server.task()).accept();
    expect(phone.client.isConnected()).toBe(true);
  });

  it('dials nothing in the background; the return of the app or the network ends the wait', async () => {
    for (const back of ['show', 'network']) {
      const phone = new Phone();
      await phone.online();
      if (back === 'show') phone.events?.hide();
      phone.client.reconnect(5000);
      expect(phone.clock.due).toEqual(back === 'show' ? [] : [5000]);
      if (back === 'show') phone.events?.show();
      else phone.events?.network({ isConnected: true });
      await flushPromises();
      expect(phone.server.tasks).toHaveLength(2);
    }
  });

  it('is over with disconnect(), and does not reconnect without reconnection', async () => {
    const phone = new Phone();
    await phone.online();
    phone.client.reconnect(1000);
    phone.client.disconnect();
    const other = new Phone({ reconnection: false });
    await other.online();
    other.client.reconnect();
    await phone.clock.advance(60_000);
    await other.clock.advance(60_000);
    expect([phone, other].map(({ server }) => server.tasks.length)).toEqual([1, 1]);
  });
});

describe('one socket', () => {
  it('a dial that succeeds after disconnect() is closed at once and not heard', async () => {
    const phone = new Phone();
    let open = () => {};
    phone.server.gate = new Promise((resolve) => {
      open = resolve;
    });
    phone.client.open();
    phone.client.disconnect();
    open();
    const task = await phone.server.task();
    expect(task.closed).toBe(true);
    task.accept();
    expect(phone.client.isConnected()).toBe(false);
    expect(task.sent).toEqual([]);
  });

  it('leaving and coming back at once leaves the newer dial only', async () => {
    const phone = new Phone();
    phone.client.open();
    phone.client.disconnect();
    phone.client.open();
    await flushPromises();
    expect(phone.server.tasks.map((task) => task.closed)).toEqual([true, false]);
    (await phone.server.task()).accept();
    expect(phone.client.isConnected()).toBe(true);
  });

  it('connect() in a hurry does not dial twice', async () => {
    const phone = new Phone();
    void phone.client.connect();
    void phone.client.connect();
    phone.client.open();
    await flushPromises();
    expect(phone.server.tasks).toHaveLength(1);
    (await phone.server.task()).accept();
  });

  it('late frames, closes and errors of an old socket change nothing', async () => {
    const phone = new Phone();
    const old = await phone.online();
    old.drop();
    await phone.clock.advance(1000);
    (await phone.server.task()).accept('/', 'second');
    const listener = vi.fn();
    phone.client.onAny(listener);
    phone.emitted.length = 0;
    old.deliver('42["ghost"]', '41', '2', 'x');
    old.drop();
    old.error('late');
    expect(listener).not.toHaveBeenCalled();
    expect(phone.emitted).toEqual([]);
    expect(phone.client.id).toBe('second');
    expect(old.take()).toEqual([]);
  });

  it('a failure that an old socket reports late does not end the new session', async () => {
    const phone = new Phone();
    const old = await phone.online();
    let failLate: (event: { errMsg?: string }) => void = () => {};
    old.send = ({ fail }) => {
      failLate = fail ?? failLate;
    };
    phone.client.emit('lost');
    old.drop();
    await phone.clock.advance(1000);
    (await phone.server.task()).accept();
    failLate({ errMsg: 'sendSocketMessage:fail' });
    expect(phone.client.isConnected()).toBe(true);
  });
});
