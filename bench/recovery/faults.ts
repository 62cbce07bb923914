import type { AsrFault, LinkFault, UnnumberedFault } from '../chaos/fault-kinds.ts';
import type { FaultPlan } from '../chaos/plan.ts';

/** The container's own limit for handing its sessions over at SIGTERM (DRAIN_MS), ms. */
const DRAIN_MS = 8_000;
/** A container that was killed is started again after this time, ms. */
const DOWN_MS = 1_000;
/** The container takes a silent stream for dead after 6 s (container/src/upstream/rules.ts); with a margin, ms. */
const STALL_MS = 8_000;
/** A stream that was refused with 4006 is tried again after 3 s, the others behind it in turn; with a margin, ms. */
const BUSY_MS = 8_000;
/** After a 4000 a session is sent at 1× for 60 s: its text catches up only behind the end of the recording, so little is gained by waiting. */
const THROTTLED_WATCH_MS = 35_000;
const DATABASE_AWAY_MS = 10_000;
/**
 * The longest cut comes early: with all audio before it still to be heard again, the phone must not have recorded more than it keeps
 * (120 s) when the recogniser has forced the first sentence to end (60 s of audio at 2×).
 */
const LONG_CUT_AT_MS = 15_000;
/** Of the instances: all sessions are on it when the fault happens. */
const SERVING = 0;

/** What happens, once in a run and to all sessions. */
type Cause =
  /** At a time of the run. */
  | { faults: (atMs: number, sessions: number) => UnnumberedFault[] }
  /** To each session's stream of the recogniser, once it has received so much audio. */
  | { stream: (afterAudioMs: number) => AsrFault };

export interface FaultKind {
  id: string;
  /** For people. */
  label: string;
  /** How long it lasts, or until the container reacts to it, at most, ms. */
  lastsMs: number;
  /** When it happens, where that is not when all others do, ms of the recording. */
  atMs?: number;
  /** No run waits longer than this after its end for text to catch up, ms; default: what hearing all again at 2× takes. */
  watchMs?: number;
  cause: Cause;
}

const signal = (name: 'SIGKILL' | 'SIGTERM'): Cause => ({
  faults: (atMs) => [
    { on: 'container', atMs, signal: name, downMs: DOWN_MS, speaker: 0, afterOutageMs: 0, both: false },
  ],
});
const code = (number: number): Cause => ({
  stream: (afterAudioMs) => ({ kind: 'code', code: number, afterAudioMs }),
});
const everyPhone = (fault: LinkFault): Cause => ({
  faults: (atMs, sessions) =>
    Array.from({ length: sessions }, (_, speaker) => ({ on: 'client', atMs, speaker, fault })),
});
const cut = (seconds: number): Pick<FaultKind, 'label' | 'lastsMs' | 'cause'> => ({
  label: `手机断网 ${seconds} 秒`,
  lastsMs: seconds * 1_000,
  cause: everyPhone({ kind: 'outage', ms: seconds * 1_000 }),
});

export const FAULT_KINDS: readonly FaultKind[] = [
  { id: 'kill', label: '容器 kill -9', lastsMs: 0, cause: signal('SIGKILL') },
  { id: 'term', label: '容器 SIGTERM', lastsMs: DRAIN_MS, cause: signal('SIGTERM') },
  {
    id: 'drop',
    label: '识别连接断开',
    lastsMs: 0,
    cause: { faults: (atMs) => [{ on: 'asr-link', atMs, container: SERVING, fault: { kind: 'drop' } }] },
  },
  // the container treats 5001 and 5002 like 5000
  { id: '5000', label: '识别错误 5000', lastsMs: 0, cause: code(5000) },
  { id: '4000', label: '识别错误 4000', lastsMs: 0, watchMs: THROTTLED_WATCH_MS, cause: code(4000) },
  { id: '4006', label: '识别错误 4006', lastsMs: BUSY_MS, cause: code(4006) },
  {
    id: 'stall',
    label: '识别不再回答',
    lastsMs: STALL_MS,
    cause: { stream: (afterAudioMs) => ({ kind: 'stall', afterAudioMs }) },
  },
  { id: 'cut-1', ...cut(1) },
  { id: 'cut-10', ...cut(10) },
  { id: 'cut-60', atMs: LONG_CUT_AT_MS, ...cut(60) },
  {
    id: 'database-10',
    label: '数据库离开 10 秒',
    lastsMs: DATABASE_AWAY_MS,
    cause: { faults: (atMs) => [{ on: 'database', atMs, fault: { kind: 'outage', ms: DATABASE_AWAY_MS } }] },
  },
];

/**
 * The plan of a run in which the fault happens when the session that begins last has recorded `audioMs`; a fault of the streams, when
 * each has.
 * @param staggerMs by how much the last session begins later than the first
 */
export function planOf(
  { cause }: FaultKind,
  audioMs: number,
  {
    sessions,
    staggerMs,
    durationMs,
    seed,
  }: { sessions: number; staggerMs: number; durationMs: number; seed: number },
): FaultPlan {
  const faults = 'faults' in cause ? cause.faults(audioMs + staggerMs, sessions) : [];
  return {
    seed,
    durationMs,
    speakers: sessions,
    stops: [],
    faults: faults.map((fault, id) => ({ ...fault, id })),
    firstStreams: 'stream' in cause ? [{ ...cause.stream(audioMs), times: sessions }] : [],
  };
}
