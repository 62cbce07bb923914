import { describe, expect, it } from 'vitest';
import { flushPromises } from '../../lib/fake-clock.ts';
import { Phone } from './testing/phone.ts';

describe('auth', () => {
  const authOf = async (phone: Phone): Promise<unknown> => {
    const task = await phone.server.task();
    task.handshake();
    await flushPromises();
    return task.take()[0];
  };

  it('an object is sent with CONNECT', async () => {
    const phone = new Phone({ namespace: '/asr', auth: { ticket: 'abc' } });
    phone.client.open();
    expect(await authOf(phone)).toBe('40/asr,{"ticket":"abc"}');
  });

  it('a function is asked at every connection, by callback or by promise', async () => {
    let count = 0;
    for (const auth of [
      (callback: (data: object) => void) => callback({ n: ++count }),
      async () => ({ n: ++count }),
      async (callback: (data: object) => void) => {
        await null;
        callback({ n: ++count });
      },
    ]) {
      count = 0;
      const phone = new Phone({ auth });
      phone.client.open();
      expect(await authOf(phone)).toBe('40{"n":1}');
      (await phone.server.task()).drop();
      await phone.clock.advance(1000);
      expect(await authOf(phone)).toBe('40{"n":2}');
    }
  });

  it('an answer that comes for a former connection is not sent on the next', async () => {
    const answers: ((data: object) => void)[] = [];
    const phone = new Phone({ auth: (callback) => answers.push(callback) });
    phone.client.open();
    await authOf(phone);
    (await phone.server.task()).drop();
    await phone.clock.advance(1000);
    await authOf(phone);
    answers[0]?.({ n: 1 });
    answers[1]?.({ n: 2 });
    answers[1]?.({ n: 3 });
    await flushPromises();
    expect((await phone.server.task()).take()).toEqual(['40{"n":2}']);
  });

  it('a function that fails fails the connection, and is asked again at the next attempt', async () => {
    let fail = true;
    const phone = new Phone({
      auth: async () => {
        if (fail) throw new Error('no network');
        return { ok: 1 };
      },
    });
    const failed = expect(phone.client.connect()).rejects.toMatchObject({ code: 'auth' });
    (await phone.server.task()).handshake();
    await failed;
    fail = false;
    await phone.clock.advance(1000);
    expect(await authOf(phone)).toBe('40{"ok":1}');
  });
});

describe('recovery', () => {
  it('the place is kept: pid and the offset of the last event are sent, the id is the same', async () => {
    const phone = new Phone({ auth: { ticket: 'abc' } });
    const task = await phone.online('pid-1');
    expect(phone.client.recovered).toBe(false);
    task.deliver('42["news",{"n":1},"offset-1"]', '42["volatile",7]');
    task.drop();
    await phone.clock.advance(1000);
    const next = await phone.server.task();
    next.handshake();
    expect(next.take()).toEqual(['40{"pid":"pid-1","offset":"offset-1","ticket":"abc"}']);
    next.welcome('/', 'socket', 'pid-1');
    expect(phone.client.recovered).toBe(true);
  });

  it('a server that lost the place gives a new pid, and nothing counts as recovered', async () => {
    const phone = new Phone();
    const task = await phone.online('pid-1');
    task.drop();
    await phone.clock.advance(1000);
    (await phone.server.task()).accept('/', 'new', 'pid-2');
    expect(phone.client.recovered).toBe(false);
  });

  it('without a pid a text at the end of an event is no offset', async () => {
    const phone = new Phone();
    const task = await phone.online();
    task.deliver('42["news","text"]');
    task.drop();
    await phone.clock.advance(1000);
    const next = await phone.server.task();
    next.handshake();
    expect(next.take()).toEqual(['40']);
  });
});
