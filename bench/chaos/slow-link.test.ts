import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalService, SECRET, startLocalService } from '../../container/testing/local-service.ts';
import { samplesToMs } from '../../contract/limits.ts';
import { SESSIONS, type SessionRecord } from '../../contract/records.ts';
import { parseTicketKeys } from '../../contract/ticket.ts';
import { sleep, systemClock } from '../../lib/clock.ts';
import { concat, silence } from '../../local/asr/testing/audio.ts';
import { readSample } from '../../local/asr/testing/sample-files.ts';
import { type Phone, startPhone } from './testing/phone.ts';

const RATE_HZ = 16_000;
/** 100 kbit/s in each direction; PCM is 256 kbit/s. */
const SLOW = { bytesPerSecond: 12_500 };
/** What the phones keep: much less than 120 s, so that PCM overflows within one recording. */
const RING_MS = 15_000;
/** From the end of a sentence until it is final on the phone, ms; on a perfect link about 1.5 s. */
const MAX_LATE_MS = 12_000;
const TEST_TIMEOUT_MS = 180_000;

const MEETING = readSample('meeting');
/** With the pause that ends its last sentence. */
const SPEECH = concat([silence(500), MEETING.samples, silence(2_000)]);
const LENGTH_MS = samplesToMs(SPEECH.length, RATE_HZ);

interface Outcome {
  texts: string[];
  record: SessionRecord;
  sent: Phone['sent'];
  /** From the end of each sentence until it was final on the phone, ms. */
  lateMs: number[];
}

const userOf = (name: string) => ({
  openid: `o-${name}`,
  sessionId: `slow-link-${name}`,
  keys: parseTicketKeys(SECRET),
  ringMs: RING_MS,
});

let service: LocalService;
beforeAll(async () => {
  service = await startLocalService();
});
afterAll(() => service?.stop());

/** Says everything. @param happen what becomes of the link meanwhile */
async function recording(name: string, happen: (phone: Phone) => Promise<void>): Promise<Outcome> {
  const user = userOf(name);
  const phone = await startPhone(service.url, user);
  try {
    const finalAt = new Map<number, number>();
    phone.session.on('lines', (lines) => {
      for (const { index, final } of lines)
        if (final && !finalAt.has(index)) finalAt.set(index, performance.now());
    });
    await phone.session.start();
    const beganAt = performance.now();
    await Promise.all([phone.speak(SPEECH), happen(phone)]);
    await phone.session.stop();
    const { lines } = phone.session;
    return {
      texts: lines.map(({ text }) => text),
      record: service.gateway
        .dump(SESSIONS)
        .find(({ _id }) => _id === user.sessionId) as unknown as SessionRecord,
      sent: phone.sent,
      lateMs: lines.map(({ index, endMs }) => Math.round((finalAt.get(index) ?? 0) - beganAt - endMs)),
    };
  } finally {
    await phone.close();
  }
}

function expectWhole({ texts, record }: Outcome): void {
  expect(texts.join('\n')).toBe(MEETING.text);
  expect(record).toMatchObject({ state: 'completed', losses: [], samples: SPEECH.length });
}

describe.concurrent('a recording over 100 kbit/s', () => {
  it('does not fit as PCM: the phone’s memory overflows', { timeout: TEST_TIMEOUT_MS }, async () => {
    const phone = await startPhone(service.url, { ...userOf('pcm'), pcmOnly: true });
    try {
      await phone.session.start();
      phone.link.setConditions(SLOW);
      await phone.speak(SPEECH);
      expect(new Set(phone.sent)).toEqual(new Set(['pcm']));
      const { losses } = phone.session.status;
      expect(losses.map(({ reason }) => reason)).toContain('client-overflow');
    } finally {
      await phone.close();
    }
  });

  it('is whole with ADPCM, and text is late by seconds', { timeout: TEST_TIMEOUT_MS }, async () => {
    const outcome = await recording('adpcm', async ({ link }) => link.setConditions(SLOW));
    expectWhole(outcome);
    expect(outcome.sent).toContain('adpcm');
    console.log(`100 kbit/s: late by ${outcome.lateMs.join(', ')} ms`);
    expect(Math.max(...outcome.lateMs)).toBeLessThan(MAX_LATE_MS);
  });

  it('is whole where the link becomes slow, drops, and is good again', {
    timeout: TEST_TIMEOUT_MS,
  }, async () => {
    const outcome = await recording('changing', async ({ link }) => {
      await sleep(systemClock, LENGTH_MS * 0.15);
      link.setConditions(SLOW);
      await sleep(systemClock, LENGTH_MS * 0.35);
      link.drop();
      await sleep(systemClock, LENGTH_MS * 0.2);
      link.setConditions({});
    });
    expectWhole(outcome);
    expect(new Set(outcome.sent)).toEqual(new Set(['pcm', 'adpcm']));
    console.log(`changing: late by ${outcome.lateMs.join(', ')} ms`);
    expect(Math.max(...outcome.lateMs)).toBeLessThan(MAX_LATE_MS);
  });
});
