import { RECOGNIZE_ACTIONS } from '../../contract/functions.ts';
import { HTTP_READS } from '../../contract/http-api.ts';
import { ONESHOT_MAX_BASE64_BYTES } from '../../contract/limits.ts';
import { action, defineFunction } from '../shared/define.ts';
import { prepare } from './files.ts';
import { recognize, result } from './recognize.ts';

/** Limit of everything in a request that is not the audio. */
const OTHER_FIELDS_CHARS = 8_000;

/** Cloud function `recognize`: one short recording at a time. */
export const main = defineFunction({
  name: 'recognize',
  actions: {
    prepare: action(RECOGNIZE_ACTIONS.prepare, prepare),
    recognize: action(RECOGNIZE_ACTIONS.recognize, recognize),
    result: action(RECOGNIZE_ACTIONS.result, result),
  },
  defaultAction: 'recognize',
  http: HTTP_READS.recognize,
  maxEventChars: ONESHOT_MAX_BASE64_BYTES + OTHER_FIELDS_CHARS,
});
