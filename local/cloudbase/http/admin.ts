import type { Params } from '../database/operations.ts';
import { CloudError, invalidParam } from '../errors.ts';
import { FunctionFailure } from '../functions/failure.ts';
import { newId } from '../ids.ts';
import { checkCredentials } from '../signature.ts';
import { type HttpContext, withFault } from './context.ts';
import type { GatewayServices } from './services.ts';

/** 16 MB documents, as JSON in JSON. */
const MAX_BODY_BYTES = 40 * 1024 * 1024;

/** `POST /admin`: everything that the server SDKs ask for. Always status 200; errors are `{ code, message }`. */
export async function serveAdmin(cloud: GatewayServices, context: HttpContext): Promise<void> {
  const requestId = newId();
  const params = asParams(await context.body(MAX_BODY_BYTES));
  const action = String(params.action);
  const collection = typeof params.collectionName === 'string' ? params.collectionName : undefined;
  await withFault(context, cloud.faults.decide(action, collection), {
    work: () => answerTo(cloud, context, requestId, action, params),
    answer: (answer) => context.json({ ...answer, requestId }),
    refuse: (code, message) => context.json({ code, message, requestId }),
  });
}

async function answerTo(
  cloud: GatewayServices,
  context: HttpContext,
  requestId: string,
  action: string,
  params: Params,
): Promise<Record<string, unknown>> {
  const count = cloud.counters.begin(requestId, action);
  const startedAt = performance.now();
  let code = 'OK';
  try {
    checkCredentials(context.request, params, cloud.options, cloud.clock.now());
    return await run(cloud, action, params, (name, documents) =>
      cloud.counters.countRead(count, name, documents),
    );
  } catch (cause) {
    const known = cause instanceof CloudError || cause instanceof FunctionFailure;
    code = known ? cause.code : 'SYS_ERR';
    if (!known)
      cloud.log({ event: 'admin.failed', requestId, action, cause: String((cause as Error).stack) });
    return { code, message: (cause as Error).message };
  } finally {
    const tookMs = Math.round(performance.now() - startedAt);
    cloud.log({ event: 'admin', requestId, action, collection: params.collectionName, code, tookMs });
  }
}

async function run(
  cloud: GatewayServices,
  action: string,
  params: Params,
  countRead: (collection: string, documents: number) => void,
): Promise<Record<string, unknown>> {
  const [family, name = ''] = action.split('.');
  if (family === 'database') return await cloud.databaseService.run(name, params, countRead);
  if (family === 'storage') return await cloud.storage.run(name, params);
  if (action === 'functions.invokeFunction') {
    const text = params.request_data;
    const data: unknown = typeof text === 'string' && text !== '' ? JSON.parse(text) : {};
    const result = await cloud.functions.invoke(String(params.function_name), data, { source: 'scf' });
    return { data: { response_data: result } };
  }
  throw invalidParam(`unknown action ${action}`);
}

function asParams(body: Buffer): Params {
  try {
    const params: unknown = JSON.parse(body.toString());
    return typeof params === 'object' && params !== null ? (params as Params) : {};
  } catch {
    return {};
  }
}
