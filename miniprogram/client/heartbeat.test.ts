import { describe, expect, it } from 'vitest';
import { flushPromises } from '../../lib/fake-clock.ts';
import { Phone } from './testing/phone.ts';

describe('heartbeat', () => {
  it('answers every ping with a pong', async () => {
    const task = await new Phone().online();
    task.deliver('2', '2');
    expect(task.take()).toEqual(['3', '3']);
  });

  it('closes with "ping timeout" when no ping comes within interval and timeout', async () => {
    const phone = new Phone();
    const task = await phone.online();
    await phone.clock.advance(14_999);
    expect(phone.client.isConnected()).toBe(true);
    await phone.clock.advance(1);
    expect(phone.emitted).toEqual(['disconnect ping timeout', 'close ping timeout']);
    expect(task.closed).toBe(true);
  });

  it('waits anew from each ping', async () => {
    const phone = new Phone();
    const task = await phone.online();
    await phone.clock.advance(14_000);
    task.deliver('2');
    await phone.clock.advance(14_000);
    expect(phone.client.isConnected()).toBe(true);
  });

  it('does not take other traffic for a ping', async () => {
    const phone = new Phone();
    const task = await phone.online();
    await phone.clock.advance(14_000);
    task.deliver('42["news"]');
    await phone.clock.advance(1000);
    expect(phone.client.isConnected()).toBe(false);
  });

  it('keeps an event that is emitted after the deadline for the next connection', async () => {
    const phone = new Phone();
    const task = await phone.online();
    phone.clock.freeze(15_001);
    phone.client.emit('late');
    expect(task.take()).toEqual([]);
    await flushPromises();
    expect(phone.emitted[0]).toBe('disconnect ping timeout');
    await phone.clock.advance(1000);
    const next = await phone.server.task();
    next.accept();
    expect(next.take()).toEqual(['40', '42["late"]']);
  });

  it('does not end a new session for the old one that was overdue', async () => {
    const phone = new Phone();
    await phone.online();
    phone.clock.freeze(20_000);
    phone.client.emit('late');
    phone.client.disconnect();
    phone.client.open();
    const next = await phone.server.task();
    next.accept();
    await flushPromises();
    expect(phone.client.isConnected()).toBe(true);
  });

  it('limits the wait for a ping to the longest that timers can hold', async () => {
    const phone = new Phone();
    phone.client.open();
    const task = await phone.server.task();
    task.handshake({ pingInterval: 2 ** 40 });
    task.welcome();
    expect(phone.clock.due).toEqual([2e9]);
  });

  it.each([
    ['not JSON', '0nonsense'],
    ['no sid', '0{"pingInterval":1,"pingTimeout":1}'],
    ['no times', '0{"sid":"x"}'],
    ['times that are texts', '0{"sid":"x","pingInterval":"1","pingTimeout":"1"}'],
    ['null', '0null'],
  ])('fails on a handshake that is none: %s', async (_, frame) => {
    const phone = new Phone({ reconnection: false });
    const failed = expect(phone.client.connect()).rejects.toMatchObject({ code: 'transport' });
    (await phone.server.task()).deliver(frame);
    await failed;
    expect(phone.emitted).toEqual(['connect_error parse error']);
  });

  it('ends with "transport error" on an unknown packet type', async () => {
    const phone = new Phone();
    const task = await phone.online();
    task.deliver('x');
    expect(phone.emitted[0]).toBe('disconnect transport error');
  });

  it('ends with "transport close" on the close packet', async () => {
    const phone = new Phone();
    const task = await phone.online();
    task.deliver('1');
    expect(phone.emitted[0]).toBe('disconnect transport close');
  });

  it('ignores noop, a second handshake, and messages before the first', async () => {
    const phone = new Phone();
    phone.client.open();
    const task = await phone.server.task();
    task.deliver('6', '42["early"]', new ArrayBuffer(1));
    task.accept();
    task.handshake();
    expect(phone.emitted).toEqual(['connect']);
    expect(task.take()).toEqual(['40']);
  });
});
