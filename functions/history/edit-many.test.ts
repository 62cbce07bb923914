import { expect, test, vi } from 'vitest';
import type { EditResult, HistoryAnswers } from '../../contract/functions.ts';
import { PAGES, SESSIONS, type Sentence, type SessionRecord } from '../../contract/records.ts';
import { functionsForTests } from '../shared/testing/functions-gateway.ts';
import { A, aLongSession, aSentence, aSession, B } from '../shared/testing/records.ts';

const gateway = await functionsForTests(['history']);

type Answer = HistoryAnswers['editMany'];
interface Edit {
  index: number;
  from: string;
  text: string | null;
}
const editMany = (edits: Edit[], sessionId = 'session-1'): Promise<Answer> =>
  gateway.as(A)('history', { action: 'editMany', sessionId, edits });
const outcomes = ({ results }: Answer): [number, string][] =>
  results.map(({ index, outcome }) => [index, outcome]);
const numbered = (index: number, text: string | null = `改${index}`): Edit => ({
  index,
  from: `第${index}句`,
  text,
});

async function seedLong(count: number): Promise<void> {
  const { session, pages } = aLongSession('session-1', count);
  await gateway.seed(SESSIONS, [session]);
  await gateway.seed(PAGES, pages);
}
const shown = async (): Promise<string[]> => {
  const answer = await gateway.as(A)('history', { action: 'get', sessionId: 'session-1', limit: 500 });
  return answer.sentences.map(({ text }: { text: string }) => text);
};

test('edits in pages and in the tail are made where each sentence still reads as it was seen', async () => {
  await seedLong(120);
  const answer = await editMany([
    numbered(3),
    numbered(60),
    { index: 61, from: '别的', text: 'x' },
    numbered(119),
  ]);
  expect(outcomes(answer)).toEqual([
    [3, 'edited'],
    [60, 'edited'],
    [61, 'conflict'],
    [119, 'edited'],
  ]);
  expect(answer.results[0]?.sentence).toMatchObject({ text: '改3', original: '第3句' });
  expect(answer.results[2]?.sentence).toMatchObject({ text: '第61句' });
  const texts = await shown();
  expect([texts[3], texts[60], texts[61], texts[119]]).toEqual(['改3', '改60', '第61句', '改119']);
});

test('sent again it is answered as made, and taken back it reads as it was recognised', async () => {
  await seedLong(60);
  await editMany([numbered(3), numbered(59)]);
  expect(outcomes(await editMany([numbered(3), numbered(59)]))).toEqual([
    [3, 'edited'],
    [59, 'edited'],
  ]);
  const back = await editMany([
    { index: 3, from: '改3', text: null },
    { index: 59, from: '改59', text: null },
  ]);
  expect(back.results.map(({ sentence }) => sentence?.original)).toEqual([undefined, undefined]);
  expect(JSON.stringify([gateway.dump(SESSIONS), gateway.dump(PAGES)])).not.toContain('editedText');
});

test('a call changes a bounded number of documents; those that it does not name are sent again', async () => {
  await seedLong(2_000);
  let left = Array.from({ length: 40 }, (_, i) => numbered(i * 50 + 7));
  const results: EditResult[] = [];
  let calls = 0;
  while (left.length > 0) {
    const { requests } = gateway.counters;
    const answer = await editMany(left);
    expect(gateway.counters.requests - requests).toBeLessThanOrEqual(16 * 3 + 5);
    results.push(...answer.results);
    const named = new Set(answer.results.map(({ index }) => index));
    left = left.filter(({ index }) => !named.has(index));
    calls += 1;
  }
  expect(results).toHaveLength(40);
  expect(results.every(({ outcome }) => outcome === 'edited')).toBe(true);
  expect(calls).toBe(3);
});

/** Until the write that the fault delays has come. */
const heldBack = () =>
  vi.waitFor(() => expect(gateway.faults.status()[0]?.hits).toBe(1), { interval: 5, timeout: 10_000 });

test('an edit that is made between reading and writing is not overwritten', async () => {
  await gateway.seed(SESSIONS, [aSession('session-1', { sentences: { 0: aSentence(0), 1: aSentence(1) } })]);
  gateway.faults.set({
    rules: [{ match: 'database.modifyDocument', collection: SESSIONS, delayMs: 2_000, times: 1 }],
  });
  const running = editMany([numbered(0), numbered(1)]);
  await heldBack();
  await gateway.db
    .collection(SESSIONS)
    .where({ _id: 'session-1' })
    .update({ 'sentences.1.editedText': '人改的' });
  gateway.faults.clear();
  expect(outcomes(await running)).toEqual([
    [0, 'edited'],
    [1, 'conflict'],
  ]);
  expect(await shown()).toEqual(['改0', '人改的']);
});

test('sentences of a tail that moves to a page meanwhile are edited there', async () => {
  const sentences = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [i, aSentence(i)]));
  await gateway.seed(SESSIONS, [
    aSession('session-1', { state: 'live', endedAt: null, updatedAt: new Date(), sentences }),
  ]);
  gateway.faults.set({
    rules: [{ match: 'database.modifyDocument', collection: SESSIONS, delayMs: 2_000, times: 1 }],
  });
  const running = editMany([numbered(7), numbered(9)]);
  await heldBack();
  await gateway.transaction(async (tx) => {
    const session = (await tx.get<SessionRecord>(SESSIONS, 'session-1')) as SessionRecord;
    const page = {
      _openid: A,
      sessionId: 'session-1',
      firstIndex: 0,
      count: 50,
      sentences: session.sentences,
    };
    await tx.set(PAGES, 'session-1_00000000', page);
    await tx.update(SESSIONS, 'session-1', { sentences: {}, tailIndex: 50 });
  });
  gateway.faults.clear();
  expect(outcomes(await running)).toEqual([
    [7, 'edited'],
    [9, 'edited'],
  ]);
  const [page] = gateway.dump(PAGES) as unknown as { sentences: Record<string, Sentence> }[];
  expect([page?.sentences[7]?.editedText, page?.sentences[9]?.editedText]).toEqual(['改7', '改9']);
});

test('the preview in the list follows', async () => {
  await gateway.seed(SESSIONS, [
    aSession('session-1', { preview: '第0句第1句', sentences: { 0: aSentence(0), 1: aSentence(1) } }),
  ]);
  await editMany([numbered(1)]);
  expect(gateway.session('session-1')?.preview).toBe('第0句改1');
});

test('what is not there is told, and bad requests are refused', async () => {
  await gateway.seed(SESSIONS, [
    aSession('session-1', { sentences: { 0: aSentence(0) } }),
    aSession('session-b', { _openid: B, sentences: { 0: aSentence(0) } }),
  ]);
  expect(outcomes(await editMany([numbered(0), numbered(8)]))).toEqual([
    [0, 'edited'],
    [8, 'missing'],
  ]);
  expect(await editMany([numbered(0)], 'session-b')).toMatchObject({ code: 'NOT_FOUND' });
  for (const edits of [[], [numbered(0), numbered(0)], [{ index: -1, from: '', text: '' }]])
    expect(await editMany(edits)).toMatchObject({ code: 'BAD_REQUEST' });
});
