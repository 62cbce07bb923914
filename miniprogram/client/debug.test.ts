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

  it('an event that is nested too deeply for the log is received all the same', async () => {
    const lines: string[] = [];
    const phone = new Phone({ debug: true, logger: (line) => lines.push(line) });
    const task = await phone.online();
    const heard: unknown[] = [];
    phone.client.on('deep', (value) => heard.push(value));
    const depth = 100_000;
    task.deliver(`42["deep",${'['.repeat(depth)}${']'.repeat(depth)}]`);
    expect(heard).toHaveLength(1);
    expect(lines[lines.length - 1]).toMatch(/^← RangeError/);
    expect(phone.client.isConnected()).toBe(true);
  });

  it('an event that can be encoded but not logged is sent all the same', async () => {
    const lines: string[] = [];
    const phone = new Phone({ debug: true, logger: (line) => lines.push(line) });
    const task = await phone.online();
    let asked = 0;
    const once = {
      toJSON() {
        if (asked++ > 0) throw new RangeError('Maximum call stack size exceeded');
        return 'text';
      },
    };
    phone.client.emit('x', once);
    expect(task.take()).toEqual(['42["x","text"]']);
    expect(lines[lines.length - 1]).toMatch(/^→ RangeError/);
  });

  it('says why a connection failed', async () => {
    const lines: string[] = [];
    const phone = new Phone({ debug: true, logger: (line) => lines.push(line), timeout: 10 });
    phone.client.open();
    await phone.clock.advance(10);
    expect(lines).toEqual(['error "timeout"']);
  });
});
