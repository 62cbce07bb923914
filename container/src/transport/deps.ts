import type { TicketKeys } from '../../../contract/ticket.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { Log } from '../log.ts';
import type { SessionManager } from '../session/manager.ts';

/** What every door is given. */
export interface TransportDeps {
  manager: SessionManager;
  ticketKeys: TicketKeys;
  trustWxHeaders: boolean;
  clock: Clock;
  log: Log;
}
