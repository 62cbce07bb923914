import type { BreakName } from './breaks.ts';
import type { LinkFault, PlannedFault } from './fault-kinds.ts';

/** A short run that a rule is needed for. */
export interface Trial {
  /** Decides what is said. */
  seed: number;
  durationMs: number;
  speakers: number;
  faults: PlannedFault[];
  /** How often a phone sends a frame again; default: now and then. */
  repeatChance?: number;
}

type Unnumbered<T> = T extends { id: number } ? Omit<T, 'id'> : never;
const numbered = (faults: Unnumbered<PlannedFault>[]): PlannedFault[] =>
  faults.map((fault, id): PlannedFault => ({ ...fault, id }));

const onBothAsrLinks = (atMs: number, fault: LinkFault) =>
  [0, 1].map((container) => ({ on: 'asr-link' as const, atMs, container, fault }));

/**
 * What the first container writes is held up on its way until the client has gone on with the second, which then ends. With
 * seed 154 a sentence ends at 7.2 s, the next at 9.9 s, and none from 11.5 s on.
 */
const lateWrite: Unnumbered<PlannedFault>[] = [
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

/** For each rule of the container the faults that it is there for. */
export const TRIALS: Readonly<Record<BreakName, Trial>> = {
  replay: {
    seed: 1,
    durationMs: 20_000,
    speakers: 2,
    faults: numbered([4_000, 7_000, 10_000].flatMap((atMs) => onBothAsrLinks(atMs, { kind: 'drop' }))),
  },
  // every other frame comes twice: taken whole, no phrase is left as it was
  trimming: { seed: 1, durationMs: 15_000, speakers: 2, faults: [], repeatChance: 0.5 },
  fencing: { seed: 154, durationMs: 24_000, speakers: 1, faults: numbered(lateWrite) },
  // longer than a silent recogniser is waited for, and then everything arrives
  generations: {
    seed: 1,
    durationMs: 24_000,
    speakers: 2,
    faults: numbered(onBothAsrLinks(5_000, { kind: 'freeze', ms: 9_000 })),
  },
  commit: {
    seed: 1,
    durationMs: 22_000,
    speakers: 2,
    faults: numbered([bothKilled(6_000), bothKilled(12_000)]),
  },
};
