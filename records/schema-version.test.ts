import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkpointOf,
  DAILY_STATS,
  OLDEST_READER,
  PAGES,
  SCHEMA_VERSION,
  SESSIONS,
  type SessionRecord,
  UPLOADS,
} from '../contract/records.ts';
import { newSession } from './new-session.ts';
import {
  checkReadable,
  isReadable,
  NEW_RECORD,
  type Records,
  stampOver,
  upgraded,
} from './schema-version.ts';

const NOW_MS = 1_760_000_000_000;
const COLLECTIONS = [SESSIONS, PAGES, DAILY_STATS, UPLOADS] as const satisfies readonly (keyof Records)[];

const aSession = (): SessionRecord =>
  newSession(
    {
      _id: 'session-1',
      _openid: 'oUser',
      clientId: 'client-1',
      source: 'stream',
      state: 'live',
      claim: 'claim-1',
      engine: '16k_zh',
      sampleRate: 16_000,
      title: '',
    },
    NOW_MS,
  );

/** Fields that a record of version 1 may lack, each with what it reads as. */
const OPTIONAL_IN_1 = {
  writeSeq: 0,
  claim: '',
  title: '',
  preview: '',
  endedAt: null,
  overlap: null,
  pending: null,
  checkpoint: null,
  promotedIndex: null,
  losses: [],
  counted: null,
  deletedAt: null,
};

describe('a record of version 1', () => {
  it('of a release without write numbers and checkpoints reads as one of now', () => {
    const { writeSeq, checkpoint, schemaVersion, oldestReader, ...stored } = aSession();
    expect(upgraded(SESSIONS, stored)).toEqual(aSession());
  });

  it('reads the same whichever of its optional fields are left out, and keeps every other value', () => {
    const { schemaVersion, oldestReader, ...whole } = aSession();
    const names = Object.keys(OPTIONAL_IN_1) as (keyof typeof OPTIONAL_IN_1)[];
    const values = fc.record({
      epoch: fc.nat(),
      nextIndex: fc.nat(),
      samples: fc.nat(),
      title: fc.string(),
      writeSeq: fc.nat(),
      pending: fc.option(fc.record({ text: fc.string(), startMs: fc.nat(), endMs: fc.nat() })),
      promotedIndex: fc.option(fc.nat()),
      ofAnotherRelease: fc.anything(),
    });
    fc.assert(
      fc.property(values, fc.subarray(names), (given, missing) => {
        const full = { ...whole, ...given };
        const defaults = Object.fromEntries(missing.map((name) => [name, OPTIONAL_IN_1[name]]));
        const stored = Object.fromEntries(
          Object.entries(full).filter(([name]) => !missing.includes(name as keyof typeof OPTIONAL_IN_1)),
        );
        const before = structuredClone(stored);
        const read = upgraded(SESSIONS, stored);
        expect(read).toEqual({ ...full, ...defaults, schemaVersion: SCHEMA_VERSION, oldestReader: 1 });
        // again, as when it was written back
        expect(upgraded(SESSIONS, read)).toEqual(read);
        expect(stored).toEqual(before);
      }),
    );
  });

  it('shares no value with another record', () => {
    const [one, other] = [upgraded(SESSIONS, { _id: 'a' }), upgraded(SESSIONS, { _id: 'b' })];
    one.losses.push({ startMs: 0, endMs: 1, reason: 'asr' });
    expect(other.losses).toEqual([]);
  });

  it('of the statistics counts nothing where a count is missing', () => {
    const read = upgraded(DAILY_STATS, { _id: 'oUser_total', sessions: 3 });
    expect(read).toMatchObject({ sessions: 3, completed: 0, interrupted: 0, oneshot: 0, durationMs: 0 });
  });

  it.each([PAGES, UPLOADS] as const)(
    'of %s says its version from now on, and is the same besides',
    (name) => {
      const stored = { _id: 'a', _openid: 'oUser', sentences: { 0: { text: '好' } } };
      expect(upgraded(name, stored)).toEqual({ ...stored, schemaVersion: SCHEMA_VERSION, oldestReader: 1 });
    },
  );

  it.each([undefined, null, '2', 0, -1, 1.5, Number.NaN, {}])(
    'is one whose version is %s',
    (schemaVersion) => {
      expect(upgraded(SESSIONS, { schemaVersion, oldestReader: schemaVersion })).toMatchObject({
        schemaVersion: SCHEMA_VERSION,
        oldestReader: 1,
        writeSeq: 0,
      });
    },
  );
});

describe('a record of a newer version', () => {
  const newer = (oldestReader: number) => ({
    ...aSession(),
    schemaVersion: SCHEMA_VERSION + 1,
    oldestReader,
  });

  it('is left as it is', () => {
    for (const name of COLLECTIONS) {
      const stored = { _id: 'a', schemaVersion: SCHEMA_VERSION + 1, oldestReader: 1, future: { a: 1 } };
      expect(upgraded(name, stored)).toEqual(stored);
    }
  });

  it('is gone on with where it allows this version, and refused with a code that is tried again where it does not', () => {
    expect(isReadable(newer(SCHEMA_VERSION))).toBe(true);
    expect(() => checkReadable(newer(SCHEMA_VERSION))).not.toThrow();
    expect(isReadable(newer(SCHEMA_VERSION + 1))).toBe(false);
    expect(() => checkReadable(newer(SCHEMA_VERSION + 1))).toThrow(
      expect.objectContaining({ code: 'RECORD_TOO_NEW', retriable: true }),
    );
  });

  it('that this release takes over is of this version from then on, and no easier to read', () => {
    const taken = { ...newer(SCHEMA_VERSION), ...stampOver(newer(SCHEMA_VERSION)) };
    expect(taken).toMatchObject({ schemaVersion: SCHEMA_VERSION, oldestReader: SCHEMA_VERSION });
  });
});

it('what is written now can be read by the release that writes it', () => {
  expect(NEW_RECORD).toEqual({ schemaVersion: SCHEMA_VERSION, oldestReader: OLDEST_READER });
  expect(isReadable(NEW_RECORD)).toBe(true);
  expect(stampOver({ oldestReader: 1 })).toEqual(NEW_RECORD);
});

describe('a checkpoint that a release without checkpoints leaves behind', () => {
  const checkpoint = { index: 3, pos: 50_000, text: '今天', startPos: 40_000, words: [] };
  const checkpointAfter = (changes: Partial<SessionRecord>) =>
    checkpointOf({ ...aSession(), checkpoint, ...changes });

  it('holds while its sentence is open and its audio is not settled', () => {
    expect(checkpointAfter({ nextIndex: 3, committedPos: 40_000 })).toEqual(checkpoint);
    expect(checkpointAfter({ nextIndex: 3, committedPos: 50_000 })).toEqual(checkpoint);
  });

  it('does not hold once the sentence is stored, or the audio before it was settled without a sentence', () => {
    expect(checkpointAfter({ nextIndex: 4, committedPos: 45_000 })).toBeNull();
    expect(checkpointAfter({ nextIndex: 3, committedPos: 50_001 })).toBeNull();
  });
});
