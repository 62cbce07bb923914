import { runInNewContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import { Phone } from './testing/phone.ts';

describe('what is received', () => {
  it.each([
    ['a text between attachments', ['451-["a",{"_placeholder":true,"num":0}]', '42["b"]']],
    ['a binary frame without a packet', [new ArrayBuffer(1)]],
    ['a placeholder beyond the attachments', ['451-["a",{"_placeholder":true,"num":1}]', new ArrayBuffer(1)]],
    ['a placeholder before them', ['451-["a",{"_placeholder":true,"num":-1}]', new ArrayBuffer(1)]],
    ['a placeholder that is a text', ['451-["a",{"_placeholder":true,"num":"0"}]', new ArrayBuffer(1)]],
    ['more attachments than are allowed', ['4511-["a"]']],
    ['a number of attachments that is none', ['45x-["a"]']],
    ['an unknown type', ['47["a"]']],
    ['an unknown type with attachments', ['471-{"message":"a"}', new ArrayBuffer(1)]],
    ['an event that is no list', ['42{"a":1}']],
    ['an event without a name', ['42[{}]']],
    ['an event of a reserved name', ['42["disconnect"]']],
    ['an acknowledgement that is no list', ['430{}']],
    ['a connection that is no object', ['40[1]']],
    ['a disconnection with data', ['41{}']],
    ['a refusal that is neither text nor object', ['44true']],
    ['broken JSON', ['42["a"']],
  ])('%s ends the session with "parse error"', async (_, frames) => {
    const phone = new Phone();
    const listener = vi.fn();
    phone.client.onAny(listener);
    const task = await phone.online();
    task.deliver(...frames);
    expect(phone.emitted).toEqual(['disconnect parse error', 'close parse error']);
    expect(listener).not.toHaveBeenCalled();
    await phone.clock.advance(1000);
    (await phone.server.task()).accept();
    expect(phone.client.isConnected()).toBe(true);
  });

  it('binary is put where it belongs, whatever realm its buffer is from', async () => {
    const phone = new Phone();
    const task = await phone.online();
    const listener = vi.fn();
    phone.client.on('a', listener);
    const foreign = Object.create(null);
    const second = new ArrayBuffer(2);
    task.deliver(
      '452-["a",{"x":{"_placeholder":true,"num":1}},[{"_placeholder":true,"num":0}]]',
      foreign,
      second,
    );
    expect(listener.mock.calls[0]?.[0].x).toBe(second);
    expect(listener.mock.calls[0]?.[1][0]).toBe(foreign);
  });

  it('an attachment that is still missing when the transport is lost does not harm the next session', async () => {
    const phone = new Phone();
    const task = await phone.online();
    task.deliver('451-["a",{"_placeholder":true,"num":0}]');
    task.drop();
    await phone.clock.advance(1000);
    (await phone.server.task()).accept();
    expect(phone.client.isConnected()).toBe(true);
  });

  it('packets of other namespaces, and of ones that were left, are not heard', async () => {
    const phone = new Phone();
    const task = await phone.online();
    const other = phone.client.of('/other');
    void other.connect();
    task.welcome('/other');
    other.disconnect();
    const listener = vi.fn();
    phone.client.onAny(listener);
    other.onAny(listener);
    task.deliver('42/other,["a"]', '42/third,["b"]');
    expect(listener).not.toHaveBeenCalled();
    expect(phone.client.isConnected()).toBe(true);
  });

  it('what comes for a namespace that was left is not heard when it is joined again either', async () => {
    const phone = new Phone();
    const task = await phone.online();
    const other = phone.client.of('/other');
    void other.connect();
    task.welcome('/other');
    other.disconnect();
    const listener = vi.fn();
    other.onAny(listener);
    task.deliver('42/other,["late"]', '40/other,{"sid":"late"}');
    expect(other.connected).toBe(false);
    other.open();
    task.welcome('/other');
    expect(other.connected).toBe(true);
    expect(listener).not.toHaveBeenCalled();
  });

  it('as many attachments as are allowed come whole, from another realm, too', async () => {
    const phone = new Phone();
    const task = await phone.online();
    const heard: unknown[][] = [];
    phone.client.on('a', (...args) => heard.push(args));
    const placeholders = Array.from({ length: 10 }, (_, num) => `{"_placeholder":true,"num":${num}}`);
    const attachments = placeholders.map((_, num) => runInNewContext(`Uint8Array.of(${num}).buffer`));
    task.deliver(`4510-["a",${placeholders}]`, ...attachments);
    expect(heard).toEqual([attachments]);
    expect(phone.client.isConnected()).toBe(true);
  });

  it('an event or an answer without data is none', async () => {
    const phone = new Phone();
    const task = await phone.online();
    const callback = vi.fn();
    phone.client.emit('x', callback);
    task.deliver('42', '430', '40', '44');
    expect(callback.mock.calls).toEqual([[]]);
    expect(phone.client.isConnected()).toBe(true);
  });

  it('a listener that throws is reported to the runtime and disturbs nobody', async () => {
    const phone = new Phone();
    const task = await phone.online();
    const listener = vi.fn();
    phone.client.on('a', () => {
      throw new Error('faulty');
    });
    phone.client.on('a', listener);
    task.deliver('42["a"]');
    expect(listener).toHaveBeenCalledOnce();
    expect(phone.client.isConnected()).toBe(true);
    expect(() => phone.clock.advanceSync(0)).toThrow('faulty');
  });
});

describe('listeners', () => {
  it('once, off with and without a function, first, any', async () => {
    const phone = new Phone();
    const task = await phone.online();
    const order: string[] = [];
    const write = (name: string) => () => order.push(name);
    const gone = write('gone');
    const goneOnce = write('goneOnce');
    phone.client.on('a', write('on')).once('a', write('once')).on('a', gone).once('a', goneOnce);
    phone.client.off('a', gone).off('a', goneOnce);
    phone.client.on('b', gone).off('b');
    const any = write('gone');
    phone.client.onAny(write('any')).prependAny(write('any first')).onAny(any).offAny(any);
    task.deliver('42["a"]', '42["b"]', '42["a"]');
    expect(order).toEqual(['any first', 'any', 'on', 'once', 'any first', 'any', 'any first', 'any', 'on']);
    expect(phone.client.listenersAny()).toHaveLength(2);
    phone.client.offAny();
    expect(phone.client.listenersAny()).toEqual([]);
  });

  it('a listener may remove others while it is called; they still get this event', async () => {
    const phone = new Phone();
    const task = await phone.online();
    const second = vi.fn();
    phone.client.on('a', () => phone.client.off('a'));
    phone.client.on('a', second);
    task.deliver('42["a"]', '42["a"]');
    expect(second).toHaveBeenCalledOnce();
  });

  it('a listener that is added while an event is dispatched hears the next one first', async () => {
    const phone = new Phone();
    const task = await phone.online();
    const late = vi.fn();
    phone.client.once('a', () => phone.client.on('a', late).prependAny(late).onAny(late));
    task.deliver('42["a",1]');
    expect(late).not.toHaveBeenCalled();
    task.deliver('42["a",2]');
    expect(late.mock.calls).toEqual([['a', 2], ['a', 2], [2]]);
  });

  it('outgoing ones get events, not acknowledgements', async () => {
    const phone = new Phone();
    const task = await phone.online();
    const out = vi.fn();
    const first = vi.fn();
    phone.client.onAnyOutgoing(out).prependAnyOutgoing(first);
    phone.client.on('ask', (answer) => answer('yes'));
    task.deliver('421["ask"]');
    phone.client.send('text');
    expect(out.mock.calls).toEqual([['message', 'text']]);
    expect(first.mock.invocationCallOrder[0]).toBeLessThan(out.mock.invocationCallOrder[0] as number);
    phone.client.offAnyOutgoing(out);
    expect(phone.client.listenersAnyOutgoing()).toEqual([first]);
  });

  it('offInternal takes one back, or all of a name', async () => {
    const phone = new Phone();
    const one = vi.fn();
    const two = vi.fn();
    phone.client.onInternal('connect', one).onInternal('open', two);
    phone.client.offInternal('connect', one).offInternal('open');
    await phone.online();
    expect(one).not.toHaveBeenCalled();
    expect(two).not.toHaveBeenCalled();
  });
});
