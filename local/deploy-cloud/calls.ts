/** One request that a tool has sent. */
export interface RecordedCall {
  /** `tcb`, `scf`, `tcbr`…; `cos`: object storage; `http`: another host. */
  service: string;
  /** The action; of object storage and other hosts the method and the path. */
  action: string;
  /** All of it, secrets included: a test asserts what was sent, and what was not. */
  params: Readonly<Record<string, unknown>>;
  /** The code that it was refused with; undefined: it was answered. */
  refused?: string;
}

/** What a call asks for, for a test to read: `tcb.CreateTable`. */
export const nameOf = ({ service, action }: Pick<RecordedCall, 'service' | 'action'>): string =>
  `${service}.${action}`;

/** Asks only; changes nothing. */
const READS = /^(?:Describe|Get|List|Check|Search)/;
/** Whether a call may change something in the cloud. What is uploaded changes nothing until a call names it. */
export const isChange = ({ service, action }: RecordedCall): boolean =>
  service !== 'cos' && service !== 'http' && !READS.test(action);
