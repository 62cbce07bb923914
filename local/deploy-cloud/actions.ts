import { CLOUD_RUN_ACTIONS } from './api/cloud-run.ts';
import { DATABASE_ACTIONS } from './api/database.ts';
import { ENVIRONMENT_ACTIONS } from './api/environment.ts';
import { FUNCTION_ACTIONS } from './api/functions.ts';
import { RELEASE_ACTIONS } from './api/releases.ts';
import type { Handler } from './params.ts';

/** Every action that this cloud knows, by service and name: `tcb.CreateTable`. */
export const ACTIONS: ReadonlyMap<string, Handler> = new Map(
  Object.entries({
    ...ENVIRONMENT_ACTIONS,
    ...DATABASE_ACTIONS,
    ...FUNCTION_ACTIONS,
    ...CLOUD_RUN_ACTIONS,
    ...RELEASE_ACTIONS,
  }),
);
