import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';
import type { LinkFault, PlannedFault, UnnumberedFault } from './fault-kinds.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Replaces a piece of source text that occurs exactly once. */
interface SourceEdit {
  /** Relative to the project's root. */
  file: string;
  find: string;
  replace: string;
}

/**
 * Mutation tests of the chaos run: rules of the container that can be removed, one at a time, to see that a run reports it.
 * The product has no switches for this; the container is built from edited source.
 */
export const MUTATIONS = {
  /** A new upstream connection begins at the newest audio instead of the checkpoint. */
  replay: [
    {
      file: 'container/src/upstream/relay.ts',
      find: 'const { pos: startPos, overlap } = this.recognition.beginStream();',
      replace: 'const { overlap } = this.recognition.beginStream();\n    const startPos = this.heard;',
    },
  ],
  /** A frame that overlaps received audio is appended untrimmed. */
  trimming: [
    {
      file: 'container/src/upstream/audio-buffer.ts',
      find: 'const known = this.end - pos;',
      replace: 'const known = 0;',
    },
  ],
  /** Writes of an instance that lost the session are stored. */
  fencing: [
    {
      file: 'container/src/store/cloudbase-store.ts',
      find: "const owned = this.#sessions.where({ _id: sessionId, epoch, state: 'live', writeSeq: seq - 1 });",
      replace: "const owned = this.#sessions.where({ _id: sessionId, state: 'live' });",
    },
  ],
  /** A write that takes place after its repeat, and after later writes, counts. */
  sequence: [
    {
      file: 'container/src/store/cloudbase-store.ts',
      find: "const owned = this.#sessions.where({ _id: sessionId, epoch, state: 'live', writeSeq: seq - 1 });",
      replace: "const owned = this.#sessions.where({ _id: sessionId, epoch, state: 'live' });",
    },
  ],
  /** A replaced upstream connection is not closed, and its results still count. */
  streams: [
    {
      file: 'container/src/upstream/relay.ts',
      find: 'const isCurrent = () => stream === this.stream;',
      replace: 'const isCurrent = () => true;',
    },
    {
      file: 'container/src/upstream/stream.ts',
      find: '    this.connection.close();',
      replace: '',
    },
  ],
  /** Audio counts as committed as soon as it was received. */
  commit: [
    {
      file: 'container/src/session/record-writer.ts',
      find: 'return this.committed;',
      replace: 'return this.samples;',
    },
  ],
} as const satisfies Record<string, readonly SourceEdit[]>;

export type MutationName = keyof typeof MUTATIONS;
export const MUTATION_NAMES = Object.keys(MUTATIONS) as MutationName[];

/** @throws Error when `find` does not occur exactly once: the product has changed, and the mutation must follow it */
export function applyEdit(source: string, { file, find, replace }: SourceEdit): string {
  const parts = source.split(find);
  if (parts.length !== 2) throw new Error(`${file}: 「${find}」 stands ${parts.length - 1} times, not once`);
  return parts.join(replace);
}

/** An esbuild plugin that removes one rule from a build. */
export const mutationPlugin = (name: MutationName): Plugin => ({
  name: `mutation-${name}`,
  setup(build) {
    const edits: readonly SourceEdit[] = MUTATIONS[name];
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const own = edits.filter(({ file }) => path === `${ROOT}${file}`);
      if (own.length === 0) return undefined;
      return { contents: own.reduce(applyEdit, await readFile(path, 'utf8')), loader: 'ts' };
    });
  },
});

/** A short run that goes wrong without a rule. */
export interface Trial {
  /** Of the scripts. */
  seed: number;
  durationMs: number;
  speakers: number;
  faults: PlannedFault[];
  /** Probability that a frame is sent twice; default: the run's own. */
  repeatChance?: number;
}

const numbered = (faults: UnnumberedFault[]): PlannedFault[] =>
  faults.map((fault, id): PlannedFault => ({ ...fault, id }));

const onBothAsrLinks = (atMs: number, fault: LinkFault) =>
  [0, 1].map((container) => ({ on: 'asr-link' as const, atMs, container, fault }));

/**
 * A write of the first container is delayed until the client has resumed on the second container, which is killed later. With
 * seed 9811 sentences end at 4.6 s, 7.1 s, 8.8 s, and then not before 21 s.
 */
const lateWrite: UnnumberedFault[] = [
  { on: 'database-link', atMs: 7_500, container: 0, fault: { kind: 'freeze', ms: 4_900 } },
  { on: 'client', atMs: 8_200, speaker: 0, fault: { kind: 'drop' } },
  {
    on: 'container',
    atMs: 13_700,
    signal: 'SIGKILL',
    downMs: 1_000,
    speaker: 0,
    afterOutageMs: 0,
    both: false,
  },
];

const bothKilled = (atMs: number) => ({
  on: 'container' as const,
  atMs,
  signal: 'SIGKILL' as const,
  downMs: 1_000,
  speaker: 0,
  afterOutageMs: 0,
  both: true,
});

/**
 * The write of a sentence takes place again after that of the next sentence was stored; then both containers are killed, so that
 * the next one goes on from what is stored. With seed 512 sentences end at 6.9 s, 10.0 s, and then not before 21 s.
 */
const writeAfterItsRepeat: UnnumberedFault[] = [
  { on: 'database', atMs: 5_000, fault: { kind: 'late', ms: 4_000, probability: 1, lateMs: 4_600 } },
  bothKilled(13_200),
];

/** For each rule a run with the faults that the rule is there for. */
export const MUTATION_TRIALS: Readonly<Record<MutationName, Trial>> = {
  replay: {
    seed: 1,
    durationMs: 20_000,
    speakers: 2,
    faults: numbered([4_000, 7_000, 10_000].flatMap((atMs) => onBothAsrLinks(atMs, { kind: 'drop' }))),
  },
  // every other frame is sent twice: untrimmed, that changes every phrase
  trimming: { seed: 1, durationMs: 15_000, speakers: 2, faults: [], repeatChance: 0.5 },
  fencing: { seed: 9811, durationMs: 24_000, speakers: 1, faults: numbered(lateWrite) },
  sequence: {
    seed: 512,
    durationMs: 24_000,
    speakers: 1,
    faults: numbered(writeAfterItsRepeat),
  },
  // longer than the container waits for a silent recogniser; then everything arrives
  streams: {
    seed: 2,
    durationMs: 24_000,
    speakers: 4,
    faults: numbered(onBothAsrLinks(5_000, { kind: 'freeze', ms: 9_000 })),
  },
  commit: {
    seed: 1,
    durationMs: 22_000,
    speakers: 2,
    faults: numbered([bothKilled(6_000), bothKilled(12_000)]),
  },
};
