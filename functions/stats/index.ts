import { STATS_ACTIONS } from '../../contract/functions.ts';
import { action, defineFunction } from '../shared/define.ts';
import { range, today, totals } from './stats.ts';

/** Cloud function `stats`: how much the caller has dictated. */
export const main = defineFunction({
  name: 'stats',
  actions: {
    today: action(STATS_ACTIONS.today, today),
    range: action(STATS_ACTIONS.range, range),
    totals: action(STATS_ACTIONS.totals, totals),
  },
});
