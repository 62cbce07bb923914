/** Error codes of the recogniser after which the container must reconnect. */
export const RETRIABLE_ASR_CODES = [4000, 4006, 4008, 4009, 4010, 5000, 5001, 5002] as const;

/** A fault of a link. `ms`: how long it lasts. */
export type LinkFault =
  | { kind: 'drop' }
  /** Connections are reset, and new ones too for this time. */
  | { kind: 'outage'; ms: number }
  /** Bytes are accepted and not forwarded, then the connections are reset. */
  | { kind: 'stall'; ms: number }
  /** Bytes are accepted and not forwarded, then all of them are. */
  | { kind: 'freeze'; ms: number }
  | { kind: 'latency'; ms: number; latencyMs: [number, number] }
  | { kind: 'slow'; ms: number; bytesPerSecond: number }
  /** A part of the next chunk is forwarded, then the connections are reset. */
  | { kind: 'cut'; direction: 'up' | 'down' };

/** A fault of the recogniser's next stream, as `POST /_local/faults` of local/asr takes it. */
export type AsrFault =
  | { kind: 'code'; code: number; afterAudioMs?: number }
  | { kind: 'http'; status: 503 }
  | { kind: 'delay-handshake'; ms: number }
  | { kind: 'drop' | 'close' | 'stall'; afterAudioMs: number };

export type DatabaseFault =
  | { kind: 'delay'; ms: number; delayMs: [number, number] }
  | { kind: 'errors' | 'http-500' | 'lost-answers'; ms: number; probability: number }
  /** The connection is cut, and the request takes place when it may have been repeated; `lateMs`: only one, so much later. */
  | { kind: 'late'; ms: number; probability: number; lateMs?: number }
  | { kind: 'outage'; ms: number };

interface Planned {
  id: number;
  /** Since the speakers began, ms. */
  atMs: number;
}

/** `speaker`: whose link. */
export type ClientFault = Planned & { on: 'client'; speaker: number; fault: LinkFault };
/** `container`: whose link to the recogniser or the database. */
export type InnerFault<On = 'asr-link' | 'database-link'> = On extends string
  ? Planned & { on: On; container: number; fault: LinkFault }
  : never;
/** A running stream of the container that serves `speaker` is reset; `faults` are set for the next streams, one each. */
export type ServiceFault = Planned & { on: 'asr'; speaker: number; faults: AsrFault[] };
export type StoreFault = Planned & { on: 'database'; fault: DatabaseFault };
/** A container is killed and started again: the one that serves `speaker` at that time. */
export type KillFault = Planned & {
  on: 'container';
  signal: 'SIGKILL' | 'SIGTERM';
  downMs: number;
  speaker: number;
  /** Before the kill the speaker's link is away for this time, so that the kill happens during a replay, ms; 0: it is not. */
  afterOutageMs: number;
  /** All containers are killed at the same time. */
  both: boolean;
};

/** A fault by which audio is lost for good, see `FaultPlan.shortRing`. */
export type LossFault = Planned & {
  on: 'loss';
  fault: { kind: 'offline'; speaker: number; ms: number } | { kind: 'recogniser-away'; ms: number };
};

export type PlannedFault = ClientFault | InnerFault | ServiceFault | StoreFault | KillFault | LossFault;
/** A planned fault before it has a number. */
export type UnnumberedFault = WithoutId<PlannedFault>;
type WithoutId<T> = T extends { id: number } ? Omit<T, 'id'> : never;

export type FaultGroup = 'client' | 'asr-link' | 'asr' | 'container' | 'database-link' | 'database' | 'loss';
export const FAULT_GROUPS: readonly FaultGroup[] = [
  'client',
  'asr-link',
  'asr',
  'container',
  'database-link',
  'database',
  'loss',
];

/** A fault's name in reports: group and kind. */
export function faultKindOf(planned: PlannedFault): string {
  if (planned.on === 'asr') return `asr:${planned.faults.map(asrKind).join('+')}`;
  if (planned.on === 'container') {
    const signal = planned.signal === 'SIGKILL' ? 'kill' : 'term';
    return `container:${signal}${planned.both ? '-both' : ''}${planned.afterOutageMs > 0 ? '-in-replay' : ''}`;
  }
  return `${planned.on}:${planned.fault.kind}`;
}

const asrKind = (fault: AsrFault): string => (fault.kind === 'code' ? String(fault.code) : fault.kind);
