import { describe, expect, it, vi } from 'vitest';
import { Phone } from './testing/phone.ts';

describe('namespaces', () => {
  it('share one transport, which closes when the last one leaves', async () => {
    const phone = new Phone({ namespace: '/a' });
    const task = await phone.online();
    const other = phone.client.of('/b', { auth: { k: 1 } });
    expect(phone.client.of('/b')).toBe(other);
    expect(phone.client.of('/a')).toBe(phone.client);
    const connected = other.connect();
    expect(task.take()).toEqual(['40/b,{"k":1}']);
    task.welcome('/b', 'second');
    await connected;
    phone.client.disconnect();
    expect(task.take()).toEqual(['41/a,']);
    expect(task.closed).toBe(false);
    other.disconnect();
    expect(task.take()).toEqual(['41/b,']);
    expect(task.closed).toBe(true);
  });

  it('opening one twice asks the server once', async () => {
    const phone = new Phone({ namespace: '/a' });
    const task = await phone.online();
    const other = phone.client.of('/b');
    other.open();
    other.open();
    expect(task.take()).toEqual(['40/b,']);
  });

  it('all are notified of the loss of the transport', async () => {
    const phone = new Phone({ namespace: '/a' });
    const task = await phone.online();
    const other = phone.client.of('/b');
    const lost = vi.fn();
    other.onInternal('disconnect', lost);
    other.open();
    task.welcome('/b');
    task.drop({ code: 1001 });
    expect(lost).toHaveBeenCalledWith('transport close', { code: 1001 });
    expect(phone.emitted[0]).toBe('disconnect transport close');
  });
});
