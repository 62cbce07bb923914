import { describe, expect, it } from 'vitest';
import { Phone } from './testing/phone.ts';

describe('debug', () => {
  it('logs packets and events readably, binary as lengths, secrets not at all', async () => {
    const lines: string[] = [];
    const phone = new Phone({ debug: true, logger: (line) => lines.push(line), auth: { custom: 'S3CRET' } });
    phone.client.open();
    const task = await phone.server.task();
    task.accept();
    phone.client.emit('audio', 1280, new Uint8Array(1280), Buffer.alloc(2));
    phone.client.emit('start', {
      engine: '16k_zh',
      ticket: 'S3CRET',
      deep: { accessToken: 'S3CRET', type: 2 },
    });
    task.deliver('42["result",{"text":"你好"}]', '2');
    task.drop();
    const log = lines.join('\n');
    expect(log).not.toContain('S3CRET');
    expect(lines).toContain('→ {"type":"connect","nsp":"/","data":"***"}');
    expect(lines).toContain('→ {"type":"event","nsp":"/","data":["audio",1280,"<1280 B>","<2 B>"]}');
    expect(lines).toContain(
      '→ {"type":"event","nsp":"/","data":["start",{"engine":"16k_zh","ticket":"***","deep":{"accessToken":"***","type":2}}]}',
    );
    expect(lines).toContain('← {"type":"event","nsp":"/","data":["result",{"text":"你好"}]}');
    expect(lines.filter((line) => /^(open|ping|close)/.test(line))).toEqual([
      'open ',
      'ping ',
      'close "transport close"',
    ]);
  });

  it.each([
    ['received', (phone: Phone, deep: unknown) => phone.server.tasks[0]?.deliver(`42["deep",${deep}]`)],
    ['sent', (phone: Phone, deep: unknown) => phone.client.emit('deep', JSON.parse(`${deep}`))],
  ] as const)('an event that is nested too deeply for the log is %s all the same', async (_, pass) => {
    const lines: string[] = [];
    const phone = new Phone({ debug: true, logger: (line) => lines.push(line) });
    const task = await phone.online();
    const heard: unknown[] = [];
    phone.client.on('deep', (value) => heard.push(value));
    const passed = (depth: number): boolean => {
      lines.length = 0;
      pass(phone, '['.repeat(depth) + ']'.repeat(depth));
      return lines.some((line) => line.includes('RangeError'));
    };
    // How deep is too deep depends on the stack that is left: more for each attempt.
    let depth = 1000;
    while (!passed(depth) && depth < 100_000) depth += 100;
    expect(lines.join('')).toContain('RangeError');
    const sent = task.sent[task.sent.length - 1] as string;
    expect(heard.length || sent.length).toBeGreaterThan(0);
    expect(phone.client.isConnected()).toBe(true);
  });

  it('says why a connection failed', async () => {
    const lines: string[] = [];
    const phone = new Phone({ debug: true, logger: (line) => lines.push(line), timeout: 10 });
    phone.client.open();
    await phone.clock.advance(10);
    expect(lines).toEqual(['error "timeout"']);
  });
});
