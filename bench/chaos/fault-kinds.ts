/** Codes of the speech service after which trying again is right. */
export const RETRIABLE_ASR_CODES = [4000, 4006, 4008, 4009, 4010, 5000, 5001, 5002] as const;

/** What is done to a link. `ms`: how long it lasts. */
export type LinkFault =
  | { kind: 'drop' }
  /** Dropped, and nothing gets through for a while. */
  | { kind: 'outage'; ms: number }
  /** Taken, forwarded nowhere, then dropped. */
  | { kind: 'stall'; ms: number }
  /** The same, but then all of it arrives. */
  | { kind: 'freeze'; ms: number }
  | { kind: 'latency'; ms: number; latencyMs: [number, number] }
  | { kind: 'slow'; ms: number; bytesPerSecond: number }
  /** Part of a message, then dropped. */
  | { kind: 'cut'; direction: 'up' | 'down' };

/** What the speech service does to the next stream, as its control door takes it. */
export type AsrFault =
  | { kind: 'code'; code: number; afterAudioMs?: number }
  | { kind: 'http'; status: 503 }
  | { kind: 'delay-handshake'; ms: number }
  | { kind: 'drop' | 'close' | 'stall'; afterAudioMs: number };

export type DatabaseFault =
  | { kind: 'delay'; ms: number; delayMs: [number, number] }
  | { kind: 'errors' | 'http-500' | 'lost-answers'; ms: number; probability: number }
  | { kind: 'outage'; ms: number };

interface Planned {
  id: number;
  /** From the moment that the speakers begin, ms. */
  atMs: number;
}

/** `speaker`: whose link. */
export type ClientFault = Planned & { on: 'client'; speaker: number; fault: LinkFault };
/** `container`: whose link to the speech service or the database. */
export type InnerFault<On = 'asr-link' | 'database-link'> = On extends string
  ? Planned & { on: On; container: number; fault: LinkFault }
  : never;
/** A running stream of `speaker` is cut, so that a new one is opened, which meets `faults`, one each. */
export type ServiceFault = Planned & { on: 'asr'; speaker: number; faults: AsrFault[] };
export type StoreFault = Planned & { on: 'database'; fault: DatabaseFault };
/** `victim` undefined: whichever serves `speaker` then. */
export type KillFault = Planned & {
  on: 'container';
  signal: 'SIGKILL' | 'SIGTERM';
  downMs: number;
  speaker: number;
  /** The speaker is cut off for so long before, so that the kill meets a replay; 0: it is not. */
  afterOutageMs: number;
  /** Both containers at the same time. */
  both: boolean;
};

export type PlannedFault = ClientFault | InnerFault | ServiceFault | StoreFault | KillFault;
export type FaultGroup = 'client' | 'asr-link' | 'asr' | 'container' | 'database-link' | 'database';
export const FAULT_GROUPS: readonly FaultGroup[] = [
  'client',
  'asr-link',
  'asr',
  'container',
  'database-link',
  'database',
];

/** What a fault is called in reports: group and kind. */
export function kindOf(planned: PlannedFault): string {
  if (planned.on === 'asr') return `asr:${planned.faults.map(asrKind).join('+')}`;
  if (planned.on === 'container') {
    const signal = planned.signal === 'SIGKILL' ? 'kill' : 'term';
    return `container:${signal}${planned.both ? '-both' : ''}${planned.afterOutageMs > 0 ? '-in-replay' : ''}`;
  }
  return `${planned.on}:${planned.fault.kind}`;
}

const asrKind = (fault: AsrFault): string => (fault.kind === 'code' ? String(fault.code) : fault.kind);
