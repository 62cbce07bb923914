import { createServer, type Server } from 'node:http';
import * as v from 'valibot';
import { BodyTooLargeError } from '../../../lib/http-body.ts';
import { CloudError } from '../errors.ts';
import { serveAdmin } from './admin.ts';
import { HttpContext } from './context.ts';
import { serveDownload, serveUpload } from './files.ts';
import { functionAt, serveHttpAccess } from './http-access.ts';
import { BadLocalRequest, LOCAL_ROUTES, messageOf } from './local.ts';
import type { GatewayServices } from './services.ts';

const LOOPBACK_ORIGIN = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/** Routes every request to the gateway. */
export function createGatewayServer(cloud: GatewayServices): Server {
  return createServer((request, response) => {
    const context = new HttpContext(request, response);
    serve(cloud, context).catch((cause: Error) => {
      const status = statusOf(cause);
      if (status === 500)
        cloud.log({ event: 'request.failed', path: context.path, cause: String(cause.stack) });
      if (!response.headersSent)
        context.json({ code: 'LOCAL_REQUEST_REFUSED', message: messageOf(cause) }, status);
    });
  });
}

async function serve(cloud: GatewayServices, context: HttpContext): Promise<void> {
  const [first = '', route = '', ...rest] = context.path.slice(1).split('/').map(decoded);
  if (first === 'admin') return await serveAdmin(cloud, context);
  if (first === '_upload') return await serveUpload(cloud, context, [route, ...rest].join('/'));
  if (first === '_download') return await serveDownload(cloud, context, route);
  const served = functionAt(cloud, context.path);
  if (served !== undefined) return await serveHttpAccess(cloud, context, served, context.path);
  const serveLocal =
    first === '_local' && Object.hasOwn(LOCAL_ROUTES, route) ? LOCAL_ROUTES[route] : undefined;
  if (!serveLocal) throw new BadLocalRequest(404, `there is nothing at ${context.path}`);
  if (!allowOrigin(context)) throw new BadLocalRequest(403, 'only pages of this machine may call');
  if (context.request.method === 'OPTIONS') return context.send(204, {});
  await serveLocal(cloud, context, rest);
}

/** Pages of this machine may read answers; any other page is refused, so that no web site reaches the local cloud. */
function allowOrigin({ request, response }: HttpContext): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return true;
  if (!LOOPBACK_ORIGIN.test(origin)) return false;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-allow-methods', 'GET,POST,PUT,DELETE,OPTIONS');
  response.setHeader('access-control-allow-headers', 'content-type,authorization,x-local-user');
  response.setHeader('access-control-max-age', '600');
  response.setHeader('vary', 'origin');
  return true;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new BadLocalRequest(400, 'the path is not URL-encoded UTF-8');
  }
}

function statusOf(cause: Error): number {
  if (cause instanceof BadLocalRequest) return cause.status;
  if (cause instanceof BodyTooLargeError) return 413;
  if (cause instanceof CloudError || v.isValiError(cause)) return 400;
  return 500;
}
