/** Whether a server or client has to pass: `required` where all requirements of the case are MUST, else `recommended`. */
export type Level = 'required' | 'recommended';

/** What every case has, whether it is about a server or a client. */
export interface CaseInfo {
  /** What is to be seen, in a line; unique. */
  name: string;
  /** Requirements of docs/protocol.md. */
  ids: readonly string[];
  level: Level;
}

export interface Case<C> extends CaseInfo {
  /** What has to be given for it; where it is not, the case does not apply. */
  needs?: readonly Need[];
  /** It changes the whole server for a while, or depends on its load: no other case runs at the same time. */
  alone?: boolean;
  run(context: C): Promise<void>;
}

/**
 * `speech`: a recording; `users`: tickets of several users; `signing`: the key that tickets are signed with; `restart`: a command that
 * replaces the server's instance; `socketio`, `native`: the transport.
 */
export type Need = 'speech' | 'users' | 'signing' | 'restart' | 'socketio' | 'native';

/** Why a case does not apply, in words. */
export const NEED_TEXTS: Readonly<Record<Need, string>> = {
  speech: 'needs a recording (--audio)',
  users: 'needs tickets of several users (--ticket-command or TICKET_SECRET)',
  signing: 'needs the key of the tickets (TICKET_SECRET)',
  restart: 'needs a command that replaces the instance (--restart-command)',
  socketio: 'is about Socket.IO',
  native: 'is about the plain WebSocket',
};

/** Thrown by a case that finds out that it does not apply. */
export class NotApplicable extends Error {
  override readonly name = 'NotApplicable';
}

export type Outcome = 'pass' | 'fail' | 'not applicable';

export interface CaseResult extends CaseInfo {
  outcome: Outcome;
  ms: number;
  /** What failed, or why it does not apply. */
  reason?: string;
  expected?: string;
  seen?: string;
}

/** Cases of a level, so that each of them need not name it. */
const ofLevel =
  (level: Level) =>
  <T extends CaseInfo>(cases: readonly Omit<T, 'level'>[]): T[] =>
    cases.map((one) => ({ ...one, level }) as unknown as T);

export const required = ofLevel('required');
export const recommended = ofLevel('recommended');
