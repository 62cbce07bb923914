import type { TicketKeys } from '../../../contract/ticket.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { Log } from '../log.ts';
import type { Hub } from '../session/manager.ts';

/** What every door is given. */
export interface DoorDeps {
  hub: Hub;
  ticketKeys: TicketKeys;
  trustWxHeaders: boolean;
  clock: Clock;
  log: Log;
}
