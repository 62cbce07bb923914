import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SECRET, stopProcess } from '../container/testing/local-service.ts';
import { framesOf } from './audio.ts';
import type { CaseResult } from './case.ts';
import { runCases, selectCases } from './run.ts';
import { SERVER_CASES } from './server-cases/index.ts';
import { givenBy, prepareServerCase, type ServerUnderTest, type Transport } from './server-context.ts';
import { speech } from './testing/local-server.ts';
import OUR_CLIENT from './testing/our-client.ts';
import { type MinimalServer, pythonForTests, startMinimalServer } from './testing/python.ts';
import { signedTickets } from './tickets.ts';

const CONCURRENCY = 12;
const RUN_WITHIN_MS = 120_000;
/** As files are counted in this project: without empty lines. */
const MOST_LINES = 400;
/** Over both transports: what is about another one, about ADPCM (MAY), or needs another instance. */
const MAY_NOT_APPLY = 20;

const SCRIPTS: [script: string, transport: Transport][] = [
  ['server.py', 'native'],
  ['with_socketio.py', 'native'],
  ['with_socketio.py', 'socketio'],
];
const python = pythonForTests();
const cases = selectCases(SERVER_CASES, { requiredOnly: true });

it('the minimal server is small, and needs nothing but Python', () => {
  const source = readFileSync('examples/minimal-server/server.py', 'utf8');
  expect(source.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(MOST_LINES);
  const imported = [...source.matchAll(/^(?:import|from) (.+?)(?: import .+)?$/gm)].flatMap(
    ([, names = '']) => names.split(/,\s*/),
  );
  const standard = 'array asyncio base64 hashlib hmac json os re struct sys time uuid urllib.parse'.split(
    ' ',
  );
  for (const name of imported) expect(standard).toContain(name);
});

describe.skipIf(!python).each(SCRIPTS)('%s over %s', (script, transport) => {
  let server: MinimalServer;
  const results = new Map<string, CaseResult>();
  beforeAll(async () => {
    server = await startMinimalServer(python as string, script);
    const underTest: ServerUnderTest = {
      url: server.url,
      transport,
      tickets: signedTickets(SECRET),
      // its recogniser knows no words: texts are compared between cases only
      speech: { ...speech(), text: undefined },
      restart: undefined,
    };
    const options = { concurrency: CONCURRENCY, has: givenBy(underTest) };
    for (const result of await runCases(cases, () => prepareServerCase(underTest), options))
      results.set(result.name, result);
  }, RUN_WITHIN_MS);
  afterAll(async () => void (server && (await stopProcess(server.process))));

  it.each(cases.map(({ name }) => name))('%s', (name) => {
    const result = results.get(name);
    expect(['pass', 'not applicable'], JSON.stringify(result, null, 2)).toContain(result?.outcome);
  });

  it('passes most of the cases, and not by their not being applicable', () => {
    const apart = [...results.values()].filter(({ outcome }) => outcome === 'not applicable');
    expect(apart.length).toBeLessThanOrEqual(MAY_NOT_APPLY);
  });
});

describe.skipIf(!python)('our client', () => {
  it('records with the minimal server as with the container', async () => {
    const { url, process } = await startMinimalServer(python as string, 'with_socketio.py');
    const client = OUR_CLIENT.createClient({
      url,
      fetchTicket: () => signedTickets(SECRET).ticket('oTester'),
      ringMs: undefined,
    });
    try {
      const starting = client.start();
      const recording = speech();
      for (const { pcm } of framesOf(recording.pcm)) client.push(pcm);
      await starting;
      const durationMs = Math.round((recording.endPos * 1_000) / 16_000);
      expect(await client.stop()).toMatchObject({ sentences: 1, durationMs });
      expect(client.lines()).toMatchObject([
        { index: 0, final: true, text: expect.stringMatching(/^〔语音 \d\.\d 秒〕$/) },
      ]);
      expect(client.errors()).toEqual([]);
    } finally {
      client.dispose();
      await stopProcess(process);
    }
  });
});
