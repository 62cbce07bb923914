import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { useService } from '../../testing/service-suite.ts';

const DOC = readFileSync('docs/protocol.md', 'utf8');
const LOCAL = /127\.0\.0\.1:3000/g;
const run = promisify(execFile);
const suite = useService({ DRAIN_MS: '500' });

/** The lines of the documentation's code blocks that match, with this service's address. */
const linesOf = (language: string, pattern: RegExp): string[] =>
  [...DOC.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))]
    .flatMap(([, block = '']) => block.split('\n'))
    .filter((line) => pattern.test(line))
    .map((line) => line.replace(LOCAL, new URL(suite.service.url).host));

describe('what the documentation says to type', () => {
  it('wscat: the echo answers, and a session starts', async () => {
    const lines = linesOf('bash', /^npx wscat/);
    const said = await Promise.all(
      lines.map(async (line) => {
        const shell = line.replace('npx wscat', 'node_modules/.bin/wscat --no-color');
        const env = { ...process.env, TICKET: await suite.service.ticket() };
        return (await run('bash', ['-c', shell], { env })).stdout;
      }),
    );
    expect(said).toHaveLength(2);
    expect(said[0]).toContain('你好');
    expect(said[1]).toMatch(/"type":"ack","id":1,"data":\{"sessionId"/);
    expect(said[1]).toContain('"type":"ready"');
  });

  it.each([
    [0, 'socket.io-client'],
    [0, 'socket.io-client-v3'],
    [1, 'socket.io-client-v2'],
  ])('snippet %i connects %s', async (number, name) => {
    const snippet = linesOf('js', /^const socket = io\(/)[number] as string;
    const { default: io } = await import(name);
    const connect = new Function('io', 'ticket', `${snippet}\nreturn socket;`);
    const socket = connect(io, await suite.service.ticket());
    onTestFinished(() => void socket.close());
    const answer = await new Promise((resolve, reject) => {
      for (const refused of ['connect_error', 'error']) socket.on(refused, reject);
      socket.on('connect', () => socket.emit('start', {}, resolve));
    });
    expect(answer).toMatchObject({ state: 'live', nextPos: 0 });
  });
});
