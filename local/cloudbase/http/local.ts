import { EJSON } from 'bson';
import * as v from 'valibot';
import { uploadFolder } from '../../../contract/functions.ts';
import type { FaultPlan } from '../faults.ts';
import { FunctionFailure } from '../functions/failure.ts';
import { MAX_PAYLOAD_BYTES } from '../functions/host.ts';
import { checkPath, MAX_FILE_BYTES } from '../storage/service.ts';
import { type HttpContext, withFault } from './context.ts';
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

type Route = (cloud: GatewayServices, context: HttpContext, rest: string[]) => Promise<void>;

/** `/_local/<route>/…`: what the browser page, tools and tests use; none of it exists in the cloud. */
export const LOCAL_ROUTES: Readonly<Record<string, Route>> = {
  async call(cloud, context, [name = '']) {
    const openid = userOf(cloud, context.request.headers['x-local-user']);
    const data = await jsonBody(context);
    await withFault(context, cloud.faults.decide(`call.${name}`), {
      work: () => outcome(cloud.functions.invoke(name, data, { source: 'wx_client', openid })),
      answer: (answer) => context.json(answer),
      refuse: (code, message) =>
        context.json({ error: asCallError(new FunctionFailure('failed', `${code} ${message}`)) }),
    });
  },

  http: (cloud, context, [name = '', ...path]) => serveHttpAccess(cloud, context, name, `/${path.join('/')}`),

  async timer(cloud, context, [name = '', trigger = '']) {
    if (!cloud.functions.hasTrigger(name, trigger))
      throw new BadLocalRequest(404, `${name} has no trigger ${trigger}`);
    const event = {
      Type: 'Timer',
      TriggerName: trigger,
      Time: new Date(cloud.clock.now()).toISOString(),
      Message: '',
    };
    context.json(await outcome(cloud.functions.invoke(name, event, { source: 'wx_trigger' })));
  },

  async upload(cloud, context) {
    const openid = userOf(cloud, context.url.searchParams.get('user') ?? undefined);
    if (openid === undefined) throw new BadLocalRequest(400, 'user is missing');
    const path = checkPath(context.url.searchParams.get('path'));
    // the cloud lets a user overwrite only their own files; here the folder is the owner's
    if (!path.startsWith(uploadFolder(openid)))
      throw new BadLocalRequest(403, `${openid} may only upload below ${uploadFolder(openid)}`);
    await withFault(context, cloud.faults.decide('storage.put'), {
      work: async () => cloud.storage.files.put(path, await context.body(MAX_FILE_BYTES)),
      answer: () => context.json({ fileID: cloud.storage.fileId(path) }),
      refuse: (code, message) => context.json({ code, message }, 500),
    });
  },

  async download(cloud, context) {
    const openid = userOf(cloud, context.url.searchParams.get('user') ?? undefined);
    if (openid === undefined) throw new BadLocalRequest(400, 'user is missing');
    const path = cloud.storage.pathOf(context.url.searchParams.get('fileID')) ?? '';
    // 「仅创建者可读写」, as docs/deploy.md wants the storage's permission set
    if (!path.startsWith(uploadFolder(openid)))
      throw new BadLocalRequest(403, `${openid} may only read below ${uploadFolder(openid)}`);
    await withFault(context, cloud.faults.decide('storage.get'), {
      async work() {
        const content = await cloud.storage.files.get(path);
        if (content === undefined) throw new BadLocalRequest(404, `no file ${path}`);
        return content;
      },
      answer: (content) =>
        context.send(
          200,
          { 'content-type': 'application/octet-stream', 'content-length': content.byteLength },
          content,
        ),
      refuse: (code, message) => context.json({ code, message }, 500),
    });
  },

  async faults(cloud, context) {
    const { method } = context.request;
    if (method === 'POST') cloud.faults.set((await jsonBody(context)) as FaultPlan);
    else if (method === 'DELETE') cloud.faults.clear();
    context.json({ faults: cloud.faults.status() });
  },

  async counters(cloud, context) {
    if (context.request.method === 'DELETE') cloud.counters.reset();
    context.json(cloud.counters);
  },

  async document(cloud, context, [name = '', id = '']) {
    const document = cloud.database.collection(name).get(id);
    if (document === undefined) throw new BadLocalRequest(404, `${name} has no document ${id}`);
    context.json(EJSON.serialize(document, { relaxed: true }));
  },

  async dump(cloud, context, [name = '']) {
    context.json(EJSON.serialize([...cloud.database.collection(name).docs()], { relaxed: true }));
  },
};

/** The openid of a user's name; undefined without a name. @throws BadLocalRequest for an unknown one */
function userOf(cloud: GatewayServices, name: string | string[] | undefined): string | undefined {
  if (name === undefined || name === '') return undefined;
  const openid = typeof name === 'string' && Object.hasOwn(cloud.users, name) ? cloud.users[name] : undefined;
  if (openid === undefined) throw new BadLocalRequest(400, `there is no local user ${String(name)}`);
  return openid;
}

async function jsonBody(context: HttpContext): Promise<unknown> {
  const text = (await context.body(MAX_PAYLOAD_BYTES)).toString();
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
