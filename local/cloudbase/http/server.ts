import { createServer, type Server } from 'node:http';
import * as v from 'valibot';
import { BodyTooLargeError } from '../../../lib/http-body.ts';
import { CloudError } from '../errors.ts';
import { serveAdmin } from './admin.ts';
import { Exchange } from './exchange.ts';
import { serveDownload, serveUpload } from './files.ts';
import { functionAt, serveHttpAccess } from './http-access.ts';
import { BadLocalRequest, LOCAL_ROUTES, messageOf } from './local.ts';
import type { GatewayServices } from './services.ts';

const LOOPBACK_ORIGIN = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/** Routes every request to the gateway. */
export function createGatewayServer(cloud: GatewayServices): Server {
  return createServer((request, response) => {
    const exchange = new Exchange(request, response);
    serve(cloud, exchange).catch((cause: Error) => {
      const status = statusOf(cause);
      if (status === 500)
        cloud.log({ event: 'request.failed', path: exchange.path, cause: String(cause.stack) });
      if (!response.headersSent)
        exchange.json({ code: 'LOCAL_REQUEST_REFUSED', message: messageOf(cause) }, status);
    });
  });
}

async function serve(cloud: GatewayServices, exchange: Exchange): Promise<void> {
  const [first = '', route = '', ...rest] = exchange.path.slice(1).split('/').map(decoded);
  if (first === 'admin') return await serveAdmin(cloud, exchange);
  if (first === '_upload') return await serveUpload(cloud, exchange, [route, ...rest].join('/'));
  if (first === '_download') return await serveDownload(cloud, exchange, route);
  const served = functionAt(cloud, exchange.path);
  if (served !== undefined) return await serveHttpAccess(cloud, exchange, served, exchange.path);
  const serveLocal =
    first === '_local' && Object.hasOwn(LOCAL_ROUTES, route) ? LOCAL_ROUTES[route] : undefined;
  if (!serveLocal) throw new BadLocalRequest(404, `there is nothing at ${exchange.path}`);
  if (!allowOrigin(exchange)) throw new BadLocalRequest(403, 'only pages of this machine may call');
  if (exchange.request.method === 'OPTIONS') return exchange.send(204, {});
  await serveLocal(cloud, exchange, rest);
}

/** Pages of this machine may read answers; any other page is refused, so that no web site reaches the local cloud. */
function allowOrigin({ request, response }: Exchange): boolean {
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
