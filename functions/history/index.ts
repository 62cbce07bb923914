import { HISTORY_ACTIONS } from '../../contract/functions.ts';
import { HTTP_READS } from '../../contract/http-api.ts';
import { action, defineFunction } from '../shared/define.ts';
import { audio, keepAudio, prepareAudio, removeAllAudio, removeAudio } from './audio.ts';
import { remove, rename, restore } from './change.ts';
import { cleanUp } from './clean-up.ts';
import { deleteAll } from './delete-all.ts';
import { edit } from './edit.ts';
import { editMany } from './edit-many.ts';
import { exportSession } from './export.ts';
import { find } from './find.ts';
import { get } from './get.ts';
import { pin, setTags } from './labels.ts';
import { list } from './list.ts';
import { removeMany, restoreMany } from './many.ts';
import { changeMarks } from './marks.ts';
import { search } from './search.ts';

/** Cloud function `history`: the caller's sessions and their sentences. Timer `purge` cleans up for all users. */
export const main = defineFunction({
  name: 'history',
  actions: {
    list: action(HISTORY_ACTIONS.list, list),
    get: action(HISTORY_ACTIONS.get, get),
    search: action(HISTORY_ACTIONS.search, search),
    find: action(HISTORY_ACTIONS.find, find),
    rename: action(HISTORY_ACTIONS.rename, rename),
    pin: action(HISTORY_ACTIONS.pin, pin),
    tags: action(HISTORY_ACTIONS.tags, setTags),
    edit: action(HISTORY_ACTIONS.edit, edit),
    editMany: action(HISTORY_ACTIONS.editMany, editMany),
    marks: action(HISTORY_ACTIONS.marks, changeMarks),
    delete: action(HISTORY_ACTIONS.delete, remove),
    restore: action(HISTORY_ACTIONS.restore, restore),
    deleteMany: action(HISTORY_ACTIONS.deleteMany, removeMany),
    restoreMany: action(HISTORY_ACTIONS.restoreMany, restoreMany),
    deleteAll: action(HISTORY_ACTIONS.deleteAll, deleteAll),
    prepareAudio: action(HISTORY_ACTIONS.prepareAudio, prepareAudio),
    keepAudio: action(HISTORY_ACTIONS.keepAudio, keepAudio),
    audio: action(HISTORY_ACTIONS.audio, audio),
    removeAudio: action(HISTORY_ACTIONS.removeAudio, removeAudio),
    removeAllAudio: action(HISTORY_ACTIONS.removeAllAudio, removeAllAudio),
    export: action(HISTORY_ACTIONS.export, exportSession),
  },
  timers: { purge: cleanUp },
  http: HTTP_READS.history,
});
