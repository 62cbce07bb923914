/**
 * The local cloud with one user's records: database, storage and the functions as they are deployed. A process of its own, so that the
 * databases of all sizes can be asked in turn. See `measure.ts`.
 */
import { fileURLToPath } from 'node:url';
import { isFunctionError } from '../../contract/functions.ts';
import { ASR_KEYS, startTestAsrServer } from '../../functions/shared/testing/asr-server.ts';
import { type Gateway, startGateway } from '../../local/cloudbase/gateway.ts';
import { answerParent } from '../processes/answering.ts';
import { ACTIONS, type MeasuredAction } from './actions.ts';
import { documentsOf, ENV_ID, OWNER, type Population } from './population.ts';

const RC_PATH = fileURLToPath(new URL('../../cloudbaserc.json', import.meta.url));

/** What one call cost. */
export interface Cost {
  tookMs: number;
  /** Documents that the database examined for it, returned or not. */
  documents: number;
  /** Requests that it made to the database and the storage. */
  requests: number;
}
export interface StartRequest {
  population: Population;
  /** The built functions, a folder each. */
  functionsDir: string;
}
export interface RunRequest {
  /** Of {@link ACTIONS}. */
  action: number;
  round: number;
}

let gateway: Gateway | undefined;
let population: Population | undefined;

answerParent({
  /** Loads the records and starts the cloud. */
  async start(request: StartRequest): Promise<void> {
    population = request.population;
    const asr = await startTestAsrServer();
    gateway = await startGateway({
      port: 0,
      documents: documentsOf(population),
      rcPath: RC_PATH,
      rcEnv: {
        TCB_ENV: ENV_ID,
        TICKET_SECRET: 'a-ticket-secret-for-benchmarks-0123456789',
        TENCENT_SECRET_ID: ASR_KEYS.secretId,
        TENCENT_SECRET_KEY: ASR_KEYS.secretKey,
      },
      envId: ENV_ID,
      secrets: { AKIDlocal: 'local' },
      functionsDir: request.functionsDir,
      functionEnv: { ASR_ONESHOT_ENDPOINT: asr.endpoint },
      log: ({ event, line }) => {
        if (event === 'function.log' && String(line).includes('"err":')) console.error(line);
      },
    });
  },

  async run({ action: at, round }: RunRequest): Promise<Cost> {
    const action = ACTIONS[at];
    if (!gateway || !population || !action) throw new Error('nothing is started');
    const { counters } = gateway;
    const before = { documents: counters.documentsRead, requests: counters.requests };
    const startedAt = performance.now();
    const answer = await call(gateway, action, action.request?.(round, population));
    const tookMs = performance.now() - startedAt;
    if (isFunctionError(answer) || !action.isRight(answer as never))
      throw new Error(`${action.name}: ${JSON.stringify(answer).slice(0, 300)}`);
    return {
      tookMs,
      documents: counters.documentsRead - before.documents,
      requests: counters.requests - before.requests,
    };
  },
});

async function call(
  { url, callFunction }: Gateway,
  { fn, timer }: MeasuredAction,
  request: unknown,
): Promise<unknown> {
  if (timer === undefined) return callFunction(fn, request, { openid: OWNER });
  const response = await fetch(`${url}/_local/timer/${fn}/${timer}`, { method: 'POST' });
  return ((await response.json()) as { result?: unknown }).result ?? {};
}
