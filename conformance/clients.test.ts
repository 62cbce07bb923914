import { beforeAll, describe, expect, it } from 'vitest';
import type { CaseResult, Outcome } from './case.ts';
import type { ClientAdapter } from './client-cases/adapter.ts';
import { prepareClientCase } from './client-cases/context.ts';
import { CLIENT_CASES } from './client-cases/index.ts';
import { runCases } from './run.ts';
import OUR_CLIENT from './testing/our-client.ts';
import { referenceClient } from './testing/reference-client.ts';

/** Each case has a server and a client of its own, and waits for most of its time. */
const CONCURRENCY = 12;
const RUN_WITHIN_MS = 180_000;

/** Ours does everything; the small one neither encodes audio nor can notice that pings stop. */
const CLIENTS: [name: string, adapter: ClientAdapter, outcomes: Outcome[]][] = [
  ['our client', OUR_CLIENT, ['pass']],
  ['the reference client', referenceClient(), ['pass', 'not applicable']],
];

describe.each(CLIENTS)('%s', (_name, adapter, outcomes) => {
  const results = new Map<string, CaseResult>();
  beforeAll(async () => {
    const options = { concurrency: CONCURRENCY, has: new Set([adapter.transport]) };
    for (const result of await runCases(CLIENT_CASES, (one) => prepareClientCase(adapter, one), options))
      results.set(result.name, result);
  }, RUN_WITHIN_MS);

  it.each(CLIENT_CASES.map(({ name }) => name))('%s', (name) => {
    const result = results.get(name);
    expect(outcomes, JSON.stringify(result, null, 2)).toContain(result?.outcome);
  });

  it('has cases that apply', () => {
    const passed = [...results.values()].filter(({ outcome }) => outcome === 'pass');
    expect(passed.length).toBeGreaterThanOrEqual(CLIENT_CASES.length - 3);
  });
});
