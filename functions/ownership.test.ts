import { beforeAll, describe, expect, test } from 'vitest';
import {
  HISTORY_ACTIONS,
  RECOGNIZE_ACTIONS,
  STATS_ACTIONS,
  TICKET_ACTIONS,
  uploadFolder,
} from '../contract/functions.ts';
import { DAILY_STATS, PAGES, SESSIONS, statsId, UPLOADS } from '../contract/records.ts';
import { parseTicketKeys, verifyTicket } from '../contract/ticket.ts';
import { aWav } from './shared/testing/audio.ts';
import { recognitionForTests, TICKET_SECRET } from './shared/testing/functions-gateway.ts';
import { A, aLongSession, aSentence, aSession, B } from './shared/testing/records.ts';

/** Everything of A's holds this text, so that it is seen wherever it comes out. */
const SECRET = '甲的秘密';
/** And all that is counted of A's is this many. */
const COUNT = 987_654_321;

const { gateway } = await recognitionForTests(['history', 'recognize', 'stats', 'ticket'], {
  keepRecords: true,
});
let fileOfA: string;
let audioOfA: string;
const AUDIO_NAME = 'a-session-1.1.16000.0.480000.adpcm';
beforeAll(seedA);

const DAY = '2026-11-20';
/** What A has; no test of B's may change it, so it is put in once. */
async function seedA(): Promise<void> {
  const { session, pages } = aLongSession(
    'a-session-1',
    60,
    { title: SECRET, preview: SECRET, tags: [SECRET], taggedAt: new Date(), pinnedAt: new Date() },
    () => SECRET,
  );
  await gateway.seed(SESSIONS, [
    session,
    aSession('a-oneshot-1', { source: 'oneshot', title: SECRET, sentences: { 0: aSentence(0, SECRET) } }),
    aSession('a-deleted-1', { title: SECRET, deletedAt: new Date() }),
    aSession('a-orphan-01', { state: 'live', counted: null, updatedAt: new Date(0), title: SECRET }),
  ]);
  await gateway.seed(PAGES, pages);
  const day = { _openid: A, sessions: COUNT, completed: COUNT, chars: COUNT, durationMs: 0, sentences: 0 };
  await gateway.seed(DAILY_STATS, [
    { ...day, _id: statsId(A, DAY), day: DAY },
    { ...day, _id: statsId(A, 'total'), day: 'total' },
  ]);
  fileOfA = (
    await gateway.cloud.uploadFile({ cloudPath: `${uploadFolder(A)}secret.wav`, fileContent: aWav() })
  ).fileID;
  const asA = (data: object) => gateway.as(A)('history', { sessionId: 'a-session-1', ...data });
  const { files } = await asA({ action: 'prepareAudio', names: [AUDIO_NAME] });
  const cloudPath: string = files[0].cloudPath;
  audioOfA = (await gateway.cloud.uploadFile({ cloudPath, fileContent: Buffer.from(SECRET) })).fileID;
  await asA({ action: 'keepAudio', fileIDs: [audioOfA] });
}

/** All that is A's, as it stands in the database. */
const everythingOfA = () =>
  [SESSIONS, PAGES, DAILY_STATS, UPLOADS].map((name) =>
    gateway.dump(name).filter(({ _openid }) => _openid === A),
  );

/** Ids that are no ids: what a query could take for "any". */
const HOSTILE_IDS = [
  { $gt: '' },
  { $exists: true },
  { $regex: '.*' },
  ['a-session-1'],
  '',
  null,
  undefined,
  0,
  true,
  'a-session-1\u0000',
  '.*',
];

const OWN_IDS = ['a-session-1', 'a-oneshot-1', 'a-deleted-1', 'a-orphan-01'];

/** One request of every action, aimed at A's records; `id` where an action takes one. */
const TABLE: Record<string, ((id: unknown) => object)[]> = {
  'history.list': [() => ({ action: 'list' })],
  'history.get': [
    (sessionId) => ({ action: 'get', sessionId }),
    (sessionId) => ({ action: 'get', sessionId, before: 40 }),
  ],
  'history.search': [() => ({ action: 'search', query: SECRET })],
  'history.find': [
    (sessionId) => ({ action: 'find', sessionId, query: SECRET }),
    (sessionId) => ({ action: 'find', sessionId, query: SECRET, limit: 5 }),
  ],
  'history.rename': [(sessionId) => ({ action: 'rename', sessionId, title: 'x' })],
  'history.pin': [true, false].map((pinned) => (sessionId: unknown) => ({
    action: 'pin',
    sessionId,
    pinned,
  })),
  'history.tags': [(sessionId) => ({ action: 'tags', sessionId, tags: ['x'] })],
  'history.edit': [
    (sessionId) => ({ action: 'edit', sessionId, index: 3, text: 'x' }),
    (sessionId) => ({ action: 'edit', sessionId, index: 55, text: null }),
  ],
  'history.editMany': [3, 55].map((index) => (sessionId: unknown) => ({
    action: 'editMany',
    sessionId,
    edits: [{ index, from: SECRET, text: 'x' }],
  })),
  'history.marks': [(sessionId) => ({ action: 'marks', sessionId, add: [1_000], remove: [2_000] })],
  'history.delete': [(sessionId) => ({ action: 'delete', sessionId })],
  'history.restore': [(sessionId) => ({ action: 'restore', sessionId })],
  'history.deleteMany': [() => ({ action: 'deleteMany', sessionIds: OWN_IDS })],
  'history.restoreMany': [() => ({ action: 'restoreMany', sessionIds: OWN_IDS })],
  'history.prepareAudio': [(sessionId) => ({ action: 'prepareAudio', sessionId, names: [AUDIO_NAME] })],
  'history.keepAudio': [(sessionId) => ({ action: 'keepAudio', sessionId, fileIDs: [audioOfA] })],
  'history.audio': [
    (sessionId) => ({ action: 'audio', sessionId }),
    (sessionId) => ({ action: 'audio', sessionId, names: [AUDIO_NAME] }),
  ],
  'history.removeAudio': [(sessionId) => ({ action: 'removeAudio', sessionId })],
  'history.removeAllAudio': [() => ({ action: 'removeAllAudio', confirm: true })],
  'history.deleteAll': [() => ({ action: 'deleteAll', confirm: true })],
  'history.export': ['txt', 'docx', 'srt', 'vtt', 'json'].map((format) => (sessionId: unknown) => ({
    action: 'export',
    sessionId,
    format,
  })),
  'stats.today': [() => ({ action: 'today' })],
  'stats.range': [() => ({ action: 'range', from: DAY, to: DAY })],
  'stats.totals': [() => ({ action: 'totals' })],
  'recognize.prepare': [(sessionId) => ({ action: 'prepare', sessionId, format: 'wav' })],
  'recognize.recognize': [
    (sessionId) => ({ sessionId, audio: aWav().toString('base64') }),
    () => ({ fileID: fileOfA }),
  ],
  'recognize.result': [(sessionId) => ({ action: 'result', sessionId })],
  'ticket.issue': [() => ({ action: 'issue' })],
};

test('the table names every action there is', () => {
  const all = {
    history: HISTORY_ACTIONS,
    stats: STATS_ACTIONS,
    recognize: RECOGNIZE_ACTIONS,
    ticket: TICKET_ACTIONS,
  };
  const names = Object.entries(all).flatMap(([name, actions]) =>
    Object.keys(actions).map((a) => `${name}.${a}`),
  );
  expect(Object.keys(TABLE).sort()).toEqual(names.sort());
});

const nameOf = (action: string) => action.split('.')[0] ?? '';

describe.each(Object.entries(TABLE))('%s', (action, requests) => {
  test("shows and changes nothing of another's, by any id", async () => {
    const before = everythingOfA();
    const takesId = requests.some((request) => 'sessionId' in request('x'));
    for (const request of requests) {
      for (const id of takesId ? [...OWN_IDS, ...HOSTILE_IDS] : [null]) {
        const answer = JSON.stringify(await gateway.as(B)(nameOf(action), request(id)));
        expect(answer).not.toContain(SECRET);
        expect(answer).not.toContain(String(COUNT));
        expect(answer).not.toContain(audioOfA);
      }
    }
    expect(everythingOfA()).toEqual(before);
    const file = await gateway.cloud.downloadFile({ fileID: audioOfA });
    expect(String(file.fileContent)).toBe(SECRET);
  });

  test('is refused to whoever has no identity, an empty one, or one that only the request claims', async () => {
    const before = everythingOfA();
    for (const request of requests) {
      const data = { ...request('a-session-1'), userInfo: { openId: A } };
      for (const as of [undefined, { openid: '' }]) {
        expect(await gateway.callFunction(nameOf(action), data, as)).toMatchObject({
          code: 'UNAUTHENTICATED',
        });
      }
      // a name in the request counts for nothing
      const claimed = { ...request('a-session-1'), _openid: A, openid: A };
      const answer = JSON.stringify(await gateway.as(B)(nameOf(action), claimed));
      expect(answer).not.toContain(SECRET);
      expect(answer).not.toContain(String(COUNT));
    }
    expect(everythingOfA()).toEqual(before);
  });
});

const WITH_ID = Object.entries(TABLE)
  .map(([action, requests]) => [action, requests.filter((one) => 'sessionId' in one('x'))] as const)
  .filter(([, requests]) => requests.length > 0);

test.each(WITH_ID)(
  '%s refuses an id that is none by its form, whoever sends it',
  async (action, requests) => {
    // one-shot recognition makes an id where none is given
    const hostile = HOSTILE_IDS.filter((id) => action !== 'recognize.recognize' || id !== undefined);
    for (const request of requests) {
      for (const id of hostile) {
        const answer = await gateway.as(A)(nameOf(action), request(id));
        expect([id, answer]).toEqual([
          id,
          expect.objectContaining({ code: 'BAD_REQUEST', detail: 'sessionId' }),
        ]);
      }
    }
  },
);

test.each(['deleteMany', 'restoreMany'])('%s refuses ids that are none by their form', async (action) => {
  for (const id of HOSTILE_IDS) {
    const answer = await gateway.as(A)('history', { action, sessionIds: ['a-session-1', id] });
    expect(answer).toMatchObject({ code: 'BAD_REQUEST', detail: 'sessionIds.1' });
  }
  for (const sessionIds of [[], 'a-session-1', { $gt: '' }, undefined]) {
    expect(await gateway.as(A)('history', { action, sessionIds })).toMatchObject({ code: 'BAD_REQUEST' });
  }
});

test("a cursor of A's opens nothing to B", async () => {
  const long = await gateway.as(A)('history', { action: 'get', sessionId: 'a-session-1', limit: 5 });
  const list = await gateway.as(A)('history', { action: 'list', limit: 1 });
  expect(long.cursor && list.cursor).toBeTruthy();
  const asB = gateway.as(B);
  expect(
    await asB('history', { action: 'get', sessionId: 'a-session-1', cursor: long.cursor }),
  ).toMatchObject({
    code: 'NOT_FOUND',
  });
  expect(await asB('history', { action: 'list', cursor: list.cursor })).toEqual({ items: [], cursor: null });
  expect((await asB('history', { action: 'search', query: SECRET, cursor: list.cursor })).items).toEqual([]);
});

test('a cursor that was made up is refused', async () => {
  const made = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const cursors = [
    'x',
    '%%%',
    made(null),
    made([]),
    made({ t: { $gt: 0 }, id: 'x' }),
    made({ t: 1, id: { $gt: '' } }),
  ];
  for (const cursor of cursors) {
    for (const request of [
      { action: 'list', cursor },
      { action: 'search', query: 'x', cursor },
      { action: 'get', sessionId: 'a-session-1', cursor },
      { action: 'export', sessionId: 'a-session-1', format: 'txt', cursor },
    ]) {
      expect(await gateway.as(A)('history', request)).toMatchObject({
        code: 'BAD_REQUEST',
        detail: 'cursor',
      });
    }
  }
});

test('each user gets a ticket of their own only', async () => {
  const { ticket } = await gateway.as(B)('ticket', {});
  expect(await verifyTicket(ticket, parseTicketKeys(TICKET_SECRET))).toBe(B);
});

test('neither a user nor somebody without an openid can call the timer', async () => {
  const timer = { Type: 'Timer', TriggerName: 'purge' };
  expect(await gateway.as(B)('history', timer)).toMatchObject({ code: 'UNKNOWN_ACTION' });
  expect(await gateway.callFunction('history', timer)).toMatchObject({ code: 'UNAUTHENTICATED' });
  const called = await gateway.cloud.callFunction({ name: 'history', data: timer });
  expect(called.result).toMatchObject({ code: 'UNAUTHENTICATED' });
});
