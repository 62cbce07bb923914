import { afterEach, describe, expect, it, vi } from 'vitest';
import { flushPromises } from '../../lib/fake-clock.ts';
import { CloudBaseSocketIOClient } from './cloudbase-socketio-client.ts';
import { createFakeWx } from './testing/fake-wx.ts';
import { Phone } from './testing/phone.ts';

describe('the app comes to the front', () => {
  it('a session whose ping is overdue is replaced at once', async () => {
    const phone = new Phone();
    await phone.online();
    phone.events?.hide();
    phone.clock.freeze(60_000);
    phone.events?.show();
    await flushPromises();
    expect(phone.emitted).toEqual(['disconnect ping timeout', 'close ping timeout', 'reconnect_attempt 1']);
    expect(phone.server.tasks).toHaveLength(2);
  });

  it('a healthy session stays', async () => {
    const phone = new Phone();
    await phone.online();
    phone.events?.hide();
    phone.events?.show();
    expect(phone.emitted).toEqual([]);
  });

  it('a close event just after it is followed by an attempt without a wait, once', async () => {
    const phone = new Phone();
    const task = await phone.online();
    phone.events?.hide();
    phone.events?.show();
    task.drop({ code: 1006, reason: 'interrupted' });
    await phone.clock.advance(0);
    expect(phone.server.tasks).toHaveLength(2);
    (await phone.server.task()).accept();
    (await phone.server.task()).drop();
    expect(phone.clock.due).toEqual([1000]);
  });

  it('a close long after it waits as always', async () => {
    const phone = new Phone();
    const task = await phone.online();
    phone.events?.show();
    await phone.clock.advance(5000);
    task.drop();
    expect(phone.clock.due).toEqual([1000]);
  });
});

describe('the background', () => {
  it('is quiet: nothing is dialled until the app is in front', async () => {
    const phone = new Phone();
    const task = await phone.online();
    phone.events?.hide();
    task.drop();
    await phone.clock.advance(600_000);
    expect(phone.server.tasks).toHaveLength(1);
    phone.events?.network({ isConnected: true });
    expect(phone.server.requests).toHaveLength(1);
    phone.events?.show();
    await flushPromises();
    expect(phone.server.tasks).toHaveLength(2);
  });

  it('holds an attempt that was due', async () => {
    const phone = new Phone();
    const task = await phone.online();
    task.drop();
    phone.events?.hide();
    await phone.clock.advance(600_000);
    expect(phone.server.tasks).toHaveLength(1);
  });

  it('keeps the heartbeat of an open session', async () => {
    const phone = new Phone();
    await phone.online();
    phone.events?.hide();
    await phone.clock.advance(15_000);
    expect(phone.emitted[0]).toBe('disconnect ping timeout');
  });
});

describe('the network', () => {
  it('ends the session when it is lost, and is dialled at once when it is back', async () => {
    const phone = new Phone();
    await phone.online();
    phone.events?.network({ isConnected: false });
    expect(phone.emitted[0]).toBe('disconnect transport close');
    phone.events?.network({ isConnected: true });
    await flushPromises();
    expect(phone.server.tasks).toHaveLength(2);
  });

  it('skips the rest of a wait, not an attempt that is under way', async () => {
    const phone = new Phone();
    const task = await phone.online();
    task.drop();
    phone.events?.network({ isConnected: true });
    phone.events?.network({ isConnected: true });
    await flushPromises();
    expect(phone.server.tasks).toHaveLength(2);
  });

  it('does nothing to a healthy session that it merely changes for', async () => {
    const phone = new Phone();
    await phone.online();
    phone.events?.network({ isConnected: true });
    expect(phone.emitted).toEqual([]);
  });
});

describe('the watch', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('ends with disconnect()', async () => {
    const phone = new Phone();
    await phone.online();
    expect(phone.events).toBeDefined();
    phone.client.disconnect();
    expect(phone.events).toBeUndefined();
  });

  it('hooks into wx once however often it reconnects, and leaves nothing behind', async () => {
    const fake = createFakeWx({ services: {} });
    vi.stubGlobal('wx', fake.wx);
    const client = new CloudBaseSocketIOClient({ service: 'none', reconnectionDelay: 1 });
    expect(fake.hookCount()).toBe(0);
    client.open();
    await vi.waitFor(() => expect(fake.calls.length).toBeGreaterThan(2));
    expect(fake.hookCount()).toBe(3);
    client.disconnect();
    expect(fake.hookCount()).toBe(0);
  });

  it('does without hooks that the runtime does not have', async () => {
    const fake = createFakeWx({ services: {} });
    vi.stubGlobal('wx', { cloud: fake.wx.cloud });
    const client = new CloudBaseSocketIOClient({ service: 'none', reconnection: false });
    await expect(client.connect()).rejects.toMatchObject({ code: 'transport' });
    client.disconnect();
  });
});
