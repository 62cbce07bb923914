import { EJSON } from 'bson';
import * as v from 'valibot';
import { uploadFolder } from '../../../contract/functions.ts';
import type { FaultPlan } from '../faults.ts';
import { FunctionFailure } from '../functions/failure.ts';
import { MAX_PAYLOAD_BYTES } from '../functions/host.ts';
import { checkPath, MAX_FILE_BYTES } from '../storage/service.ts';
import { type Exchange, withFault } from './exchange.ts';
import { serveHttpAccess } from './http-access.ts';
import { asCallError, outcome } from './outcome.ts';
import type { GatewayServices } from './services.ts';

/** A request for something that does not exist, or that is malformed. */
export class BadLocalRequest extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = 'BadLocalRequest';
    this.status = status;
  }
}

type Route = (cloud: GatewayServices, exchange: Exchange, rest: string[]) => Promise<void>;

/** `/_local/<route>/…`: what the browser page, tools and tests use; none of it exists in the cloud. */
export const LOCAL_ROUTES: Readonly<Record<string, Route>> = {
  async call(cloud, exchange, [name = '']) {
    const openid = userOf(cloud, exchange.request.headers['x-local-user']);
    const data = await jsonBody(exchange);
    await withFault(exchange, cloud.faults.decide(`call.${name}`), {
      work: () => outcome(cloud.functions.invoke(name, data, { source: 'wx_client', openid })),
      answer: (answer) => exchange.json(answer),
      refuse: (code, message) =>
        exchange.json({ error: asCallError(new FunctionFailure('failed', `${code} ${message}`)) }),
    });
  },

  http: (cloud, exchange, [name = '', ...path]) =>
    serveHttpAccess(cloud, exchange, name, `/${path.join('/')}`),

  async timer(cloud, exchange, [name = '', trigger = '']) {
    if (!cloud.functions.hasTrigger(name, trigger))
      throw new BadLocalRequest(404, `${name} has no trigger ${trigger}`);
    const event = {
      Type: 'Timer',
      TriggerName: trigger,
      Time: new Date(cloud.clock.now()).toISOString(),
      Message: '',
    };
    exchange.json(await outcome(cloud.functions.invoke(name, event, { source: 'wx_trigger' })));
  },

  async upload(cloud, exchange) {
    const openid = userOf(cloud, exchange.url.searchParams.get('user') ?? undefined);
    if (openid === undefined) throw new BadLocalRequest(400, 'user is missing');
    const path = checkPath(exchange.url.searchParams.get('path'));
    // the cloud lets a user overwrite only their own files; here the folder is the owner's
    if (!path.startsWith(uploadFolder(openid)))
      throw new BadLocalRequest(403, `${openid} may only upload below ${uploadFolder(openid)}`);
    await withFault(exchange, cloud.faults.decide('storage.put'), {
      work: async () => cloud.storage.files.put(path, await exchange.body(MAX_FILE_BYTES)),
      answer: () => exchange.json({ fileID: cloud.storage.fileId(path) }),
      refuse: (code, message) => exchange.json({ code, message }, 500),
    });
  },

  async faults(cloud, exchange) {
    const { method } = exchange.request;
    if (method === 'POST') cloud.faults.set((await jsonBody(exchange)) as FaultPlan);
    else if (method === 'DELETE') cloud.faults.clear();
    exchange.json({ faults: cloud.faults.status() });
  },

  async counters(cloud, exchange) {
    if (exchange.request.method === 'DELETE') cloud.counters.reset();
    exchange.json(cloud.counters);
  },

  async dump(cloud, exchange, [name = '']) {
    exchange.json(EJSON.serialize([...cloud.database.collection(name).docs()], { relaxed: true }));
  },
};

/** The openid of a user's name; undefined without a name. @throws BadLocalRequest for an unknown one */
function userOf(cloud: GatewayServices, name: string | string[] | undefined): string | undefined {
  if (name === undefined || name === '') return undefined;
  const openid = typeof name === 'string' && Object.hasOwn(cloud.users, name) ? cloud.users[name] : undefined;
  if (openid === undefined) throw new BadLocalRequest(400, `there is no local user ${String(name)}`);
  return openid;
}

async function jsonBody(exchange: Exchange): Promise<unknown> {
  const text = (await exchange.body(MAX_PAYLOAD_BYTES)).toString();
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    throw new BadLocalRequest(400, 'the body is not JSON');
  }
}

/** The message of a refusal, with the path of the field that is wrong. */
export const messageOf = (cause: Error): string =>
  v.isValiError(cause)
    ? cause.issues.map((issue) => `${v.getDotPath(issue) ?? ''}: ${issue.message}`).join('; ')
    : cause.message;
