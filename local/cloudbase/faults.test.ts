import { describe, expect, it } from 'vitest';
import { Faults } from './faults.ts';
import { connect, refusal, startTestGateway } from './testing/start.ts';

describe('a plan', () => {
  it('with the same seed strikes the same requests', () => {
    const run = (seed: number): string[] => {
      const faults = new Faults();
      faults.set({ seed, rules: [{ effect: 'refuse', probability: 0.5 }] });
      return Array.from({ length: 32 }, () => faults.decide('any').effect ?? '-');
    };
    expect(run(7)).toEqual(run(7));
    expect(run(7)).not.toEqual(run(8));
  });

  it('strikes only what it names, as often as it says, and counts', () => {
    const faults = new Faults();
    faults.set({
      rules: [{ match: 'database.modify*', collection: 'notes', effect: 'error', code: 'X', times: 1 }],
    });
    const effects = ['database.getDocument', 'database.modifyDocument', 'database.modifyDocument'].map(
      (action) => faults.decide(action, 'notes').code,
    );
    expect(effects).toEqual(['', 'X', '']);
    expect(faults.decide('database.modifyDocument', 'days').effect).toBeUndefined();
    expect(faults.status()[0]?.hits).toBe(1);
  });

  it('adds delays up and draws them from a range', () => {
    const faults = new Faults();
    faults.set({ rules: [{ delayMs: 5 }, { delayMs: [10, 20] }] });
    const { delayMs } = faults.decide('any');
    expect(delayMs).toBeGreaterThanOrEqual(15);
    expect(delayMs).toBeLessThan(25);
  });

  it('that is not one is refused', () => {
    const bad = { rules: [{ efect: 'refuse' }] } as unknown as Parameters<Faults['set']>[0];
    expect(() => new Faults().set(bad)).toThrow();
  });
});

describe('through the SDK', () => {
  it('a lost answer: the write is done and the SDK gets an error', async () => {
    const gateway = await startTestGateway();
    const notes = connect(gateway.adminUrl).database().collection('notes');
    gateway.faults.set({ rules: [{ match: 'database.insertDocument', effect: 'lose-answer', times: 1 }] });
    expect(await refusal(notes.add({ _id: 'a' }))).toMatch(/ECONNRESET|socket hang up/);
    expect(gateway.dump('notes')).toEqual([{ _id: 'a' }]);
    await notes.add({ _id: 'b' });
  });

  it('an outage: nothing is done', async () => {
    const gateway = await startTestGateway();
    const notes = connect(gateway.adminUrl).database().collection('notes');
    gateway.faults.set({ rules: [{ effect: 'refuse' }] });
    expect(await refusal(notes.add({ _id: 'a' }))).toMatch(/ECONNRESET|socket hang up/);
    expect(gateway.dump('notes')).toEqual([]);
    gateway.faults.clear();
    await notes.add({ _id: 'a' });
  });

  it('an error code, and a 500 without JSON', async () => {
    const gateway = await startTestGateway();
    const notes = connect(gateway.adminUrl).database().collection('notes');
    gateway.faults.set({
      rules: [
        { effect: 'error', code: 'EXCEED_RATELIMIT', times: 1 },
        { effect: 'http-500', times: 1 },
      ],
    });
    expect(await refusal(notes.count())).toContain('EXCEED_RATELIMIT');
    expect(await refusal(notes.count())).toContain('Unexpected token');
    expect((await notes.count()).total).toBe(0);
  });

  it('other processes set, see and clear faults over HTTP', async () => {
    const gateway = await startTestGateway();
    const faults = async (method: string, body?: unknown) => {
      const answer = await fetch(`${gateway.url}/_local/faults`, {
        method,
        body: body ? JSON.stringify(body) : null,
      });
      return { status: answer.status, ...((await answer.json()) as { faults?: unknown[] }) };
    };
    await faults('POST', { rules: [{ match: 'call.*', effect: 'error', code: 'X' }] });
    const call = await fetch(`${gateway.url}/_local/call/echo`, { method: 'POST', body: '{}' });
    expect(await call.json()).toMatchObject({ error: { errMsg: expect.stringContaining('X') } });
    expect((await faults('GET')).faults).toMatchObject([{ hits: 1 }]);
    expect((await faults('POST', { rules: 'all' })).status).toBe(400);
    expect((await faults('DELETE')).faults).toEqual([]);
  });
});
