import { HISTORY_ACTIONS } from '../../contract/functions.ts';
import { HTTP_READS } from '../../contract/http-api.ts';
import { action, defineFunction } from '../shared/define.ts';
import { remove, rename, restore } from './change.ts';
import { cleanUp } from './clean-up.ts';
import { deleteAll } from './delete-all.ts';
import { edit } from './edit.ts';
import { exportSession } from './export.ts';
import { get } from './get.ts';
import { list } from './list.ts';
import { changeMarks } from './marks.ts';
import { search } from './search.ts';

/** Cloud function `history`: the caller's sessions and their sentences. Timer `purge` cleans up for all users. */
export const main = defineFunction({
  name: 'history',
  actions: {
    list: action(HISTORY_ACTIONS.list, list),
    get: action(HISTORY_ACTIONS.get, get),
    search: action(HISTORY_ACTIONS.search, search),
    rename: action(HISTORY_ACTIONS.rename, rename),
    edit: action(HISTORY_ACTIONS.edit, edit),
    marks: action(HISTORY_ACTIONS.marks, changeMarks),
    delete: action(HISTORY_ACTIONS.delete, remove),
    restore: action(HISTORY_ACTIONS.restore, restore),
    deleteAll: action(HISTORY_ACTIONS.deleteAll, deleteAll),
    export: action(HISTORY_ACTIONS.export, exportSession),
  },
  timers: { purge: cleanUp },
  http: HTTP_READS.history,
});
