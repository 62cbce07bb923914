import { runInNewContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import { flushPromises } from '../../lib/fake-clock.ts';
import type { CloudBaseSocketIOClient } from './cloudbase-socketio-client.ts';
import { Phone } from './testing/phone.ts';

describe('what is sent', () => {
  it('views are cut to exactly their bytes', async () => {
    const phone = new Phone();
    const task = await phone.online();
    const whole = Uint8Array.of(1, 2, 3, 4, 5, 6);
    phone.client.emit('audio', whole.subarray(2, 4), new DataView(whole.buffer, 5), {
      deep: [new Uint16Array(1)],
    });
    const [text, ...attachments] = task.take();
    const placeholder = (num: number) => `{"_placeholder":true,"num":${num}}`;
    expect(text).toBe(`453-["audio",${placeholder(0)},${placeholder(1)},{"deep":[${placeholder(2)}]}]`);
    expect(attachments.map((one) => [...new Uint8Array(one as ArrayBuffer)])).toEqual([[3, 4], [6], [0, 0]]);
  });

  it('binary that an object gives by toJSON is found', async () => {
    const phone = new Phone();
    const task = await phone.online();
    phone.client.emit('audio', { toJSON: () => ({ pcm: Uint8Array.of(9) }) }, { toJSON: () => 'text' });
    expect(task.take()[0]).toBe('451-["audio",{"pcm":{"_placeholder":true,"num":0}},"text"]');
  });

  it('the data of the caller is not changed', async () => {
    const phone = new Phone();
    await phone.online();
    const data = { list: [Uint8Array.of(1)] };
    phone.client.emit('audio', data);
    expect(data).toEqual({ list: [Uint8Array.of(1)] });
  });

  it('data that JSON cannot hold is refused to the caller and ends nothing', async () => {
    const phone = new Phone();
    const task = await phone.online();
    expect(() => phone.client.emit('x', 1n)).toThrow(TypeError);
    await expect(phone.client.emitWithAck('x', 1n)).rejects.toThrow(TypeError);
    phone.client.emit('y');
    expect(task.take()).toEqual(['42["y"]']);
  });

  it('buffers of another realm are binary, too', async () => {
    const phone = new Phone();
    const task = await phone.online();
    const foreign = runInNewContext('[Uint8Array.of(1, 2).buffer, Uint8Array.of(3, 4).subarray(1)]');
    phone.client.emit('audio', ...foreign);
    const [text, ...attachments] = task.take();
    expect(text).toBe('452-["audio",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]');
    expect(attachments.map((one) => [...new Uint8Array(one as ArrayBuffer)])).toEqual([[1, 2], [4]]);
  });

  it('reserved names are refused', () => {
    expect(() => new Phone().client.emit('connect')).toThrow('"connect" is a reserved event name');
  });

  it('a frame that the runtime cannot send ends the session with "transport error"', async () => {
    const phone = new Phone();
    const task = await phone.online();
    task.failNext = 'sendSocketMessage:fail';
    phone.client.emit('x', new ArrayBuffer(1));
    expect(phone.emitted[0]).toBe('disconnect transport error');
    expect(task.take()).toEqual([]);
  });

  it('a volatile event is dropped when nothing can leave, in the same turn as another, and when offline', async () => {
    const phone = new Phone();
    phone.client.volatile.emit('offline');
    const task = await phone.online();
    await flushPromises();
    phone.client.emit('a');
    phone.client.volatile.emit('b');
    await flushPromises();
    phone.client.volatile.emit('c');
    expect(task.take()).toEqual(['42["a"]', '42["c"]']);
    expect(phone.client.sendBuffer).toEqual([]);
  });

  it.each([
    ['a sound event', (client: CloudBaseSocketIOClient) => client.emit('a')],
    ['an event that is refused', (client: CloudBaseSocketIOClient) => client.emit('connect')],
  ])('volatile and timeout hold for one event only: %s', async (_, emit) => {
    const phone = new Phone();
    const attempt = (client: unknown) => {
      try {
        emit(client as CloudBaseSocketIOClient);
      } catch {
        // refused
      }
    };
    attempt(phone.client.volatile);
    phone.client.emit('kept');
    expect(phone.client.sendBuffer.map(({ data }) => data)).toEqual([['kept']]);
    attempt(phone.client.timeout(500));
    const callback = vi.fn();
    phone.client.emit('plain', callback);
    const task = await phone.online();
    await phone.clock.advance(500);
    task.deliver('430["answer"]');
    expect(callback.mock.calls).toEqual([['answer']]);
  });

  it('a volatile event that is dropped fails its error-first callback', async () => {
    await expect(new Phone().client.volatile.emitWithAck('x')).rejects.toThrow('dropped');
  });
});

describe('buffers', () => {
  it('what came before the connection is delivered first, then what waited is sent, then "connect" is emitted', async () => {
    const phone = new Phone();
    const order: string[] = [];
    phone.client.on('early', (n) => order.push(`early ${n}`));
    phone.client.onAnyOutgoing((event) => order.push(`out ${event}`));
    phone.client.onInternal('connect', () => order.push('connect'));
    phone.client.emit('one');
    phone.client.emit('two');
    phone.client.open();
    const task = await phone.server.task();
    task.handshake();
    task.deliver('42["early",1]', '42["early",2]');
    expect(order).toEqual([]);
    task.welcome();
    expect(order).toEqual(['early 1', 'early 2', 'out one', 'out two', 'connect']);
    expect(task.take()).toEqual(['40', '42["one"]', '42["two"]']);
  });

  it('what was sent from the buffer at one connection is not sent again at the next', async () => {
    const phone = new Phone();
    phone.client.emit('early');
    phone.client.open();
    const first = await phone.server.task();
    first.accept();
    expect(first.take()).toEqual(['40', '42["early"]']);
    first.drop();
    await phone.clock.advance(1000);
    const second = await phone.server.task();
    second.accept();
    expect(second.take()).toEqual(['40']);
  });

  it('hold a bounded number of events; a dropped one is reported and its callback fails', async () => {
    const phone = new Phone({ maxBuffered: 2 });
    const dropped = vi.fn();
    phone.client.onInternal('drop', dropped);
    const first = phone.client.emitWithAck('one');
    phone.client.emit('two');
    phone.client.emit('three');
    await expect(first).rejects.toThrow('dropped');
    expect(dropped).toHaveBeenCalledWith('/', expect.objectContaining({ data: ['one'] }));
    expect(phone.client.sendBuffer).toHaveLength(2);
  });

  it('an event in the buffer that cannot be encoded does not hold up the others', async () => {
    const phone = new Phone();
    phone.client.emit('bad', 1n);
    phone.client.emit('good');
    phone.client.open();
    const task = await phone.server.task();
    task.accept();
    expect(task.take()).toEqual(['40', '42["good"]']);
    expect(() => phone.clock.advanceSync(0)).toThrow(TypeError);
  });
});

describe('acknowledgements', () => {
  it('answer a callback, or a promise', async () => {
    const phone = new Phone();
    const task = await phone.online();
    const callback = vi.fn();
    phone.client.emit('a', callback);
    const promise = phone.client.emitWithAck('b', 7);
    expect(task.take()).toEqual(['420["a"]', '421["b",7]']);
    task.deliver('430["x","y"]', '431["z"]', '431["again"]', '4399["nobody"]');
    expect(callback.mock.calls).toEqual([['x', 'y']]);
    expect(await promise).toBe('z');
  });

  it('are sent once, however often the listener calls back', async () => {
    const phone = new Phone();
    const task = await phone.online();
    phone.client.on('ask', (answer) => {
      answer('yes', Uint8Array.of(1));
      answer('no');
    });
    task.deliver('4212["ask"]');
    expect(task.take()).toEqual(['461-12["yes",{"_placeholder":true,"num":0}]', Uint8Array.of(1).buffer]);
  });

  it('that do not come in time fail, and take an unsent event out of the buffer', async () => {
    const phone = new Phone();
    const error = vi.fn();
    phone.client.timeout(500).emit('x', error);
    const promise = expect(phone.client.timeout(500).emitWithAck('y')).rejects.toThrow('timeout');
    expect(phone.client.sendBuffer).toHaveLength(2);
    await phone.clock.advance(500);
    await promise;
    expect(error).toHaveBeenCalledWith(new Error('timeout'));
    expect(phone.client.sendBuffer).toEqual([]);
  });

  it('that come in time put null before the answer, and the timer rests', async () => {
    const phone = new Phone({ ackTimeout: 500 });
    const task = await phone.online();
    const callback = vi.fn();
    phone.client.emit('x', callback);
    task.deliver('430["fine"]');
    await phone.clock.advance(5000);
    expect(callback.mock.calls).toEqual([[null, 'fine']]);
  });

  it('of sent events fail at a disconnection where they can, unsent ones stay', async () => {
    const phone = new Phone();
    const task = await phone.online();
    const plain = vi.fn();
    const sent = expect(phone.client.emitWithAck('sent')).rejects.toThrow('disconnected');
    phone.client.emit('plain', plain);
    task.drop();
    await sent;
    const unsent = phone.client.emitWithAck('unsent');
    await phone.clock.advance(1000);
    const next = await phone.server.task();
    next.accept();
    expect(next.take()).toEqual(['40', '422["unsent"]']);
    next.deliver('430["old"]', '431["old"]', '432["new"]');
    expect(await unsent).toBe('new');
    expect(plain).not.toHaveBeenCalled();
  });
});

describe('retries', () => {
  it('one event is in flight at a time, in order', async () => {
    const phone = new Phone({ retries: 2, ackTimeout: 100 });
    const task = await phone.online();
    const answers = vi.fn();
    phone.client.emit('a', answers);
    phone.client.emit('b');
    expect(task.take()).toEqual(['420["a"]']);
    task.deliver('430["ok"]');
    expect(answers).toHaveBeenCalledWith(null, 'ok');
    expect(task.take()).toEqual(['421["b"]']);
  });

  it('an event is sent 1 + retries times, then given up', async () => {
    const phone = new Phone({ retries: 2, ackTimeout: 100 });
    const task = await phone.online();
    const failed = vi.fn();
    phone.client.emit('a', failed);
    phone.client.emit('b');
    await phone.clock.advance(300);
    expect(task.take()).toEqual(['420["a"]', '421["a"]', '422["a"]', '423["b"]']);
    expect(failed.mock.calls).toEqual([[new Error('timeout')]]);
  });

  it('what was in flight is sent again first after a reconnection, ahead of "connect", and not twice', async () => {
    const phone = new Phone({ retries: 5, ackTimeout: 10_000 });
    const task = await phone.online();
    phone.client.emit('a');
    phone.client.emit('b');
    phone.client.onInternal('connect', () => phone.client.volatile.emit('connected'));
    task.drop();
    await phone.clock.advance(1000);
    const next = await phone.server.task();
    next.accept();
    expect(next.take()).toEqual(['40', '421["a"]']);
  });

  it('an event that waits for an overdue session is sent once', async () => {
    const phone = new Phone({ retries: 5, ackTimeout: 60_000 });
    await phone.online();
    phone.clock.freeze(20_000);
    phone.client.emit('a');
    await flushPromises();
    await phone.clock.advance(1000);
    const next = await phone.server.task();
    next.accept();
    expect(next.take()).toEqual(['40', '420["a"]']);
  });
});
