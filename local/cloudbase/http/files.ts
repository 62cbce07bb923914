import { MAX_FILE_BYTES } from '../storage/service.ts';
import { type HttpContext, withFault } from './context.ts';
import type { GatewayServices } from './services.ts';

interface FileAnswer {
  status: number;
  body: string | Buffer;
}

/** `PUT /_upload/<path>` with an upload's authorization. Errors are XML, as in COS. */
export async function serveUpload(cloud: GatewayServices, context: HttpContext, path: string): Promise<void> {
  await serve(cloud, context, 'put', path, context.request.headers.authorization, async () => {
    await cloud.storage.files.put(path, await context.body(MAX_FILE_BYTES));
    return { status: 200, body: '' };
  });
}

/** `GET /_download/<path in base64url>?sign=…` */
export async function serveDownload(
  cloud: GatewayServices,
  context: HttpContext,
  encodedPath: string,
): Promise<void> {
  const path = Buffer.from(encodedPath, 'base64url').toString();
  await serve(cloud, context, 'get', path, context.url.searchParams.get('sign'), async () => {
    const content = await cloud.storage.files.get(path);
    return content ? { status: 200, body: content } : { status: 404, body: xmlError('NoSuchKey') };
  });
}

async function serve(
  cloud: GatewayServices,
  context: HttpContext,
  use: 'put' | 'get',
  path: string,
  authorization: string | null | undefined,
  work: () => Promise<FileAnswer>,
): Promise<void> {
  const allowed = cloud.storage.allows(use, path, authorization ?? '');
  await withFault(context, cloud.faults.decide(`storage.${use}`), {
    work: () => (allowed ? work() : Promise.resolve({ status: 403, body: xmlError('AccessDenied') })),
    answer: ({ status, body }) => {
      const type = status === 200 ? 'application/octet-stream' : 'application/xml';
      context.send(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }, body);
    },
    refuse: (code) => context.send(403, { 'content-type': 'application/xml' }, xmlError(code)),
  });
}

const xmlError = (code: string): string =>
  `<?xml version='1.0' encoding='utf-8' ?><Error><Code>${code.replace(/\W/g, '')}</Code>` +
  '<Message>refused by the local storage</Message><RequestId>local</RequestId><TraceId>local</TraceId></Error>';
