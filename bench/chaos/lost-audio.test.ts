import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { startContainer, stopProcess } from '../../container/testing/local-service.ts';
import { EXPORT_FORMATS, type ExportFormat } from '../../contract/functions.ts';
import type { Loss, SessionRecord } from '../../contract/records.ts';
import { parseTicketKeys } from '../../contract/ticket.ts';
import { docxParagraphs } from '../../functions/shared/testing/docx.ts';
import { startFunctionsGateway, TICKET_SECRET } from '../../functions/shared/testing/functions-gateway.ts';
import { startAsrServer } from '../../local/asr/server.ts';
import { concat, silence } from '../../local/asr/testing/audio.ts';
import { readSample, SAMPLES_DIR } from '../../local/asr/testing/sample-files.ts';
import { type Phone, type PhoneUser, startPhone } from './testing/phone.ts';

/** What the phone keeps: much less than 120 s, so that audio is lost without waiting for it. */
const RING_MS = 6_000;
/** How far ahead of the recogniser the container takes audio (contract: CREDIT_MS). */
const CREDIT_MS = 30_000;
const SAMPLES_PER_MS = 16;
const TEST_TIMEOUT_MS = 60_000;
const ACCOUNT = { appId: '1250000000', secretId: 'AKIDLOCAL', secretKey: 'SKLOCAL' };

const gateway = await startFunctionsGateway(['history', 'stats']);
const asr = await startAsrServer({
  appId: ACCOUNT.appId,
  secrets: { [ACCOUNT.secretId]: ACCOUNT.secretKey },
  engine: 'phrases',
  samplesDir: SAMPLES_DIR,
});
const { container, url } = await startContainer(
  { ...gateway.sdkEnv(), TICKET_SECRET, ASR_ENDPOINT: asr.url.replace('http', 'ws') },
  [],
);
const phones: Phone[] = [];
afterAll(async () => {
  await Promise.all(phones.map((phone) => phone.close()));
  await stopProcess(container);
  await Promise.all([gateway.stop(), asr.close()]);
});
afterEach(() => asr.faults.clear());

const [before, behind] = ['phrases/deadline', 'phrases/good-night'].map(readSample) as [
  ReturnType<typeof readSample>,
  ReturnType<typeof readSample>,
];
/** A phrase with the pause that ends its sentence. */
const spoken = (samples: Int16Array): Int16Array => concat([silence(500), samples, silence(2_500)]);

let users = 0;
const newPhone = async (): Promise<Phone & { user: PhoneUser }> => {
  const keys = parseTicketKeys(TICKET_SECRET);
  const user = { openid: `oLost${++users}`, sessionId: `lost-audio-${users}`, keys, ringMs: RING_MS };
  const phone = await startPhone(url, user);
  phones.push(phone);
  void phone.session.start().catch(() => {});
  return { ...phone, user };
};

const hasFinal = (text: string) => (session: Phone['session']) =>
  session.lines.some((line) => line.text === text && line.settled);
const isReceived = ({ status }: Phone['session']) => status.state === 'live' && status.bufferedMs === 0;

/** Speaks the first phrase. @returns how long the recording is when all of it is settled, ms */
async function speakFirst(phone: Phone): Promise<number> {
  phone.push(spoken(before.samples));
  await phone.until(hasFinal(before.text));
  await phone.until(isReceived);
  return phone.session.status.recordedMs;
}

/** The session in all that a user sees of it: stop's answer, record, export and statistics. */
async function expectRecorded(
  phone: Awaited<ReturnType<typeof newPhone>>,
  { texts, losses, state = 'completed' }: { texts: string[]; losses: Loss[]; state?: string },
): Promise<void> {
  const { session, user } = phone;
  const { openid, sessionId } = user;
  const { recordedMs } = session.status;
  expect(await session.stop()).toEqual({ id: sessionId, sentences: texts.length, durationMs: recordedMs });
  expect(session.lines.map(({ text }) => text)).toEqual(texts);
  expect(gateway.session(sessionId)).toMatchObject({ state, losses });
  const call = gateway.as(openid);
  const [first = '', ...others] = texts;
  const inOrder = [first, ...losses.map(textOf), ...others];
  for (const format of EXPORT_FORMATS) {
    const { content } = await call('history', { action: 'export', sessionId, format });
    const pieces = piecesOf(content, format);
    const places = inOrder.map((text) => pieces.indexOf(text));
    expect(places, format).toEqual([...places].sort((a, b) => a - b));
    expect(places, format).not.toContain(-1);
    if (format === 'srt') for (const loss of losses) expect(content).toContain(srtTimes(loss));
    if (format === 'json') expect(JSON.parse(content).session.losses).toEqual(losses);
  }
  const { totals } = await call('stats', { action: 'totals' });
  const counted = { sessions: 1, sentences: texts.length, durationMs: recordedMs };
  expect(totals).toMatchObject(counted);
  // nothing was sent faster than the recogniser takes it
  expect(asr.stats.codes[4000]).toBeUndefined();
}

/** The text of an export behind its head, which has a preview of it. */
function piecesOf(content: string, format: ExportFormat): string {
  if (format === 'docx') return docxParagraphs(content).join('\n');
  return format === 'json' ? content.slice(content.indexOf('"pieces"')) : content;
}

const textOf = ({ startMs, endMs, reason }: Loss): string =>
  `此处约 ${((endMs - startMs) / 1000).toFixed(1)} 秒音频${reason === 'asr' ? '未能识别' : '未送达'}`;
const srtTimes = ({ startMs, endMs }: Loss): string =>
  [startMs, endMs].map((ms) => new Date(ms).toISOString().slice(11, 23).replace('.', ',')).join(' --> ');

const LENGTHS = [
  ['1 s', 1_000],
  ['5 min', 300_000],
  ['2 h', 7_200_000],
] as const;

describe('audio that the phone has lost is a loss of its length at its place, and the session ends', () => {
  test.concurrent.each(LENGTHS)(
    '%s left the ring while the phone was offline: what follows is recognised',
    { timeout: TEST_TIMEOUT_MS },
    async (_, lostMs) => {
      const phone = await newPhone();
      const startMs = await speakFirst(phone);
      await phone.goOffline();
      const kept = spoken(behind.samples);
      await phone.pushSilence(lostMs + RING_MS - Math.floor(kept.length / 16_000) * 1_000);
      phone.push(kept);
      const endMs = phone.session.status.recordedMs - RING_MS;
      await phone.goOnline();
      await phone.until(hasFinal(behind.text));
      await expectRecorded(phone, {
        texts: [before.text, behind.text],
        losses: [{ startMs, endMs, reason: 'client-overflow' }],
      });
    },
  );

  test.concurrent.each(LENGTHS)(
    '%s at its end was not saved before the app was closed',
    { timeout: TEST_TIMEOUT_MS },
    async (_, lostMs) => {
      const phone = await newPhone();
      const startMs = await speakFirst(phone);
      phone.session.dispose();
      const again = await startPhone(url, phone.user, (startMs + lostMs) * SAMPLES_PER_MS);
      phones.push(again);
      await again.until(({ status }) => status.state === 'live');
      await expectRecorded(
        { ...phone, ...again },
        { texts: [before.text], losses: [{ startMs, endMs: startMs + lostMs, reason: 'client-gap' }] },
      );
    },
  );
});

describe('while the recogniser is away', () => {
  test('longer than phone and container keep audio: what they do not keep is a loss, the rest is recognised later', {
    timeout: TEST_TIMEOUT_MS,
  }, async () => {
    asr.faults.set({ kind: 'http', status: 503 });
    const phone = await newPhone();
    await phone.until(({ status }) => status.state === 'live');
    // at most as much at once as the phone keeps
    phone.push(spoken(before.samples));
    await phone.until(isReceived);
    while (phone.session.status.recordedMs < CREDIT_MS) {
      await phone.pushSilence(4_000);
      await phone.until((session) => isReceived(session) || session.status.recordedMs >= CREDIT_MS);
    }
    await phone.until(({ status }) => status.recordedMs - status.bufferedMs === CREDIT_MS);
    await phone.pushSilence(10_000);
    phone.push(spoken(behind.samples));
    const endMs = phone.session.status.recordedMs - RING_MS;
    asr.faults.clear();
    await phone.until(hasFinal(behind.text));
    await expectRecorded(phone, {
      texts: [before.text, behind.text],
      losses: [{ startMs: CREDIT_MS, endMs, reason: 'client-overflow' }],
    });
  });

  test('for good, because the account is in arrears: the phone is told, what was recognised is kept, the rest is a loss', {
    timeout: TEST_TIMEOUT_MS,
  }, async () => {
    const heardMs = Math.ceil(spoken(before.samples).length / SAMPLES_PER_MS);
    asr.faults.set({ kind: 'code', code: 4005, afterAudioMs: heardMs + 500 });
    const phone = await newPhone();
    const settledMs = await speakFirst(phone);
    const end = phone.session.lines[0]?.endMs ?? 0;
    phone.push(spoken(behind.samples));
    await phone.until(({ status }) => status.state === 'failed');
    const { sessionId, openid } = phone.user;
    await vi.waitFor(() => expect(gateway.session(sessionId)?.state).toBe('interrupted'));
    const { losses, samples } = gateway.session(sessionId) as SessionRecord;
    const durationMs = Math.round(samples / SAMPLES_PER_MS);
    const [loss] = losses as [Loss];
    expect(losses).toEqual([{ startMs: expect.any(Number), endMs: durationMs, reason: 'asr' }]);
    expect(loss.startMs).toBeGreaterThanOrEqual(end);
    expect(loss.startMs).toBeLessThanOrEqual(settledMs);
    const call = gateway.as(openid);
    const { content } = await call('history', { action: 'export', sessionId, format: 'txt' });
    expect(content).toMatch(new RegExp(`${before.text}[^]*${textOf(loss)}`));
    const { totals } = await call('stats', { action: 'totals' });
    expect(totals).toMatchObject({ sessions: 1, interrupted: 1, sentences: 1, durationMs });
  });
});
