import { MAX_FILE_BYTES } from '../storage/limits.ts';
import type { Cloud } from './cloud.ts';
import { type Exchange, underFate } from './exchange.ts';

/** `PUT /_files/<path>` with an upload's authorization, `GET /_files/<path>?sign=…`. Errors are XML, as in COS. */
export async function serveFile(cloud: Cloud, exchange: Exchange, path: string): Promise<void> {
  const { method, headers } = exchange.request;
  const use = method === 'PUT' ? 'put' : 'get';
  const authorization = use === 'put' ? headers.authorization : exchange.url.searchParams.get('sign');
  await underFate(exchange, cloud.faults.decide(`storage.${use}`), {
    work: async () => {
      if (!cloud.storage.allows(use, path, authorization ?? ''))
        return { status: 403, body: xmlError('AccessDenied') };
      if (use === 'put') {
        await cloud.storage.files.put(path, await exchange.body(MAX_FILE_BYTES));
        return { status: 200, body: '' };
      }
      const content = await cloud.storage.files.get(path);
      return content ? { status: 200, body: content } : { status: 404, body: xmlError('NoSuchKey') };
    },
    answer: ({ status, body }) => {
      const type = status === 200 ? 'application/octet-stream' : 'application/xml';
      exchange.send(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }, body);
    },
    refuse: (code) => exchange.send(403, { 'content-type': 'application/xml' }, xmlError(code)),
  });
}

const xmlError = (code: string): string =>
  `<?xml version='1.0' encoding='utf-8' ?><Error><Code>${code.replace(/\W/g, '')}</Code>` +
  '<Message>refused by the local storage</Message><RequestId>local</RequestId><TraceId>local</TraceId></Error>';
