import { VoiceError } from '../contract/errors.ts';
import {
  type DAILY_STATS,
  OLDEST_READER,
  type PAGES,
  type PageRecord,
  SCHEMA_VERSION,
  type SESSIONS,
  type SessionRecord,
  type StatsRecord,
  type UPLOADS,
  type UploadRecord,
  type Versioned,
} from '../contract/records.ts';

/** The records of each collection. */
export interface Records {
  [SESSIONS]: SessionRecord;
  [PAGES]: PageRecord;
  [DAILY_STATS]: StatsRecord;
  [UPLOADS]: UploadRecord;
}

type Fields = Readonly<Record<string, unknown>>;
/**
 * Gives a record of one version what the next one has in addition, made from what is there. It keeps fields that it does not know,
 * and takes a part of a record, too.
 */
type Step = (fields: Fields) => Fields;

/** Fields that sessions of version 1 may lack: some came while records had no version, an empty one may have been left out. */
const SESSION_DEFAULTS: Partial<SessionRecord> = {
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
const STATS_DEFAULTS: Partial<StatsRecord> = {
  sessions: 0,
  completed: 0,
  interrupted: 0,
  oneshot: 0,
  sentences: 0,
  chars: 0,
  durationMs: 0,
};

const withDefaults =
  (defaults: object): Step =>
  (fields) => ({ ...structuredClone(defaults), ...fields });
const unchanged: Step = (fields) => fields;

/** The step at `i` makes version `i` + 2 of version `i` + 1. Version 2: records say their version, and have all their fields. */
const STEPS: Readonly<Record<keyof Records, readonly Step[]>> = {
  voice_sessions: [withDefaults(SESSION_DEFAULTS)],
  voice_pages: [unchanged],
  voice_daily_stats: [withDefaults(STATS_DEFAULTS)],
  voice_uploads: [unchanged],
};

const versionOf = (value: unknown): number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 1 ? value : 1;

/**
 * A stored record as one of this version, whatever release has written it; all that reads records reads them so. A record of a newer
 * version is left as it is: {@link isReadable} says whether this release may go on with it. Nothing is written.
 * @param stored a record, or a part of one that holds `schemaVersion` and `oldestReader` where the record does
 */
export function upgraded<C extends keyof Records>(collection: C, stored: object): Records[C] {
  const { schemaVersion, oldestReader } = stored as Partial<Versioned>;
  const version = versionOf(schemaVersion);
  const steps = STEPS[collection].slice(version - 1);
  const fields = steps.reduce((before, step) => step(before), stored as Fields);
  return {
    ...fields,
    schemaVersion: Math.max(version, SCHEMA_VERSION),
    oldestReader: versionOf(oldestReader),
  } as unknown as Records[C];
}

/** Whether this release may read the record and go on with it. */
export const isReadable = ({ oldestReader }: Pick<Versioned, 'oldestReader'>): boolean =>
  oldestReader <= SCHEMA_VERSION;

/** @throws VoiceError RECORD_TOO_NEW */
export function checkReadable(record: Pick<Versioned, 'oldestReader'>): void {
  if (!isReadable(record)) throw new VoiceError('RECORD_TOO_NEW');
}

/** What is written into a record that is made from nothing. */
export const NEW_RECORD: Versioned = { schemaVersion: SCHEMA_VERSION, oldestReader: OLDEST_READER };

/**
 * What is written into a record whose owner this release becomes, or that it makes from another: from now on it is one of this version,
 * so that a newer release makes again what this one does not keep up. What an older release could not read stays so.
 */
export const stampOver = ({ oldestReader }: Pick<Versioned, 'oldestReader'>): Versioned => ({
  schemaVersion: SCHEMA_VERSION,
  oldestReader: Math.max(OLDEST_READER, oldestReader),
});
