import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaseResult } from './case.ts';
import { runCases } from './run.ts';
import { SERVER_CASES } from './server-cases/index.ts';
import { givenBy, prepareServerCase, type Transport } from './server-context.ts';
import { type LocalServer, startLocalServer } from './testing/local-server.ts';

/** Cases at the same time; most of their time they wait. */
const CONCURRENCY = 12;
const RUN_WITHIN_MS = 180_000;

let server: LocalServer;
beforeAll(async () => {
  server = await startLocalServer();
});
afterAll(() => server?.stop());

describe.each<Transport>(['socketio', 'native'])('our container over %s', (transport) => {
  const results = new Map<string, CaseResult>();
  beforeAll(async () => {
    const underTest = server.underTest(transport);
    const options = { concurrency: CONCURRENCY, has: givenBy(underTest) };
    for (const result of await runCases(SERVER_CASES, () => prepareServerCase(underTest), options))
      results.set(result.name, result);
  }, RUN_WITHIN_MS);

  it.each(SERVER_CASES.map(({ name }) => name))('%s', (name) => {
    const result = results.get(name);
    const other = transport === 'socketio' ? 'native' : 'socketio';
    const needs = SERVER_CASES.find((one) => one.name === name)?.needs ?? [];
    const expected = needs.includes(other) ? 'not applicable' : 'pass';
    expect(result, JSON.stringify(result, null, 2)).toMatchObject({ outcome: expected });
  });
});
