import { exec } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(exec);
const TICKET_TTL_S = 600;
/** What this project's tickets hold; see contract/ticket.ts. */
const CLAIMS = { iss: 'cloudbase-realtime-voice', aud: 'realtime-voice' } as const;

/** Where the suite has its tickets from. */
export interface TicketSource {
  /** Whether it has tickets of more than one user. */
  readonly manyUsers: boolean;
  /** Whether {@link sign} works. */
  readonly signs: boolean;
  /** A good ticket. */
  ticket(user: string): Promise<string>;
  /** A ticket with claims, header or key of its own, to be refused or not. */
  sign(changes: TicketChanges): string;
}

export interface TicketChanges {
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
  secret?: string;
}

const segment = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A JWT (RFC 7519) with HS256, whatever its header says of it. */
export function jwt(header: object, claims: object, secret: string): string {
  const signed = `${segment(header)}.${segment(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

/** One ticket, used for everything. */
export const fixedTicket = (ticket: string): TicketSource => ({
  manyUsers: false,
  signs: false,
  ticket: async () => ticket,
  sign: () => {
    throw new Error('there is no key');
  },
});

/** A command that prints a ticket; `{user}` in it becomes a user's name. */
export const commandTickets = (command: string): TicketSource => ({
  ...fixedTicket(''),
  manyUsers: command.includes('{user}'),
  ticket: async (user) => (await run(command.replaceAll('{user}', user))).stdout.trim(),
});

/** Signed here. @param key `secret` or `kid:secret`, the first of several, as in `TICKET_SECRET` */
export function signedTickets(key: string): TicketSource {
  const [, kid = 'k1', secret = ''] = /^(?:([A-Za-z0-9_-]{1,16}):)?(.*)$/.exec(key.split(',')[0] ?? '') ?? [];
  const sign = ({ claims, header, secret: other = secret }: TicketChanges): string => {
    const iat = Math.floor(Date.now() / 1000);
    return jwt(
      { alg: 'HS256', typ: 'JWT', kid, ...header },
      { ...CLAIMS, sub: 'oConformance', iat, exp: iat + TICKET_TTL_S, ...claims },
      other,
    );
  };
  return { manyUsers: true, signs: true, ticket: async (sub) => sign({ claims: { sub } }), sign };
}
