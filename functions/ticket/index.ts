import { TICKET_ACTIONS, type TicketAnswer } from '../../contract/functions.ts';
import { signTicket } from '../../contract/ticket.ts';
import { ownedBy } from '../shared/caller.ts';
import { action, type CallContext, defineFunction } from '../shared/define.ts';
import { ticketKeysFrom } from '../shared/env.ts';

/**
 * A short-lived ticket for the caller, which the container checks. Only for calls from the mini-program, where the
 * platform says who it is.
 */
async function issue(_request: object, { caller, env, nowMs }: CallContext): Promise<TicketAnswer> {
  return signTicket(ownedBy(caller)._openid, ticketKeysFrom(env), { nowMs });
}

/** Cloud function `ticket`. */
export const main = defineFunction({
  name: 'ticket',
  actions: { issue: action(TICKET_ACTIONS.issue, issue) },
  defaultAction: 'issue',
  // over HTTP a ticket could be renewed with itself for ever
  http: 'refused',
});
