import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import type { HostSample } from '../runtime/device.ts';
import { readFigures } from './figures.ts';
import { serveFile } from './static.ts';

interface PanelOptions {
  gatewayUrl: string;
  samples?: readonly HostSample[];
  killContainer?: (url: string | undefined) => boolean;
  newestContainer: () => string | undefined;
}

export interface PanelPaths {
  /** @returns false: the request is not for what stands beside the phone */
  answer(url: URL, request: IncomingMessage, response: ServerResponse): boolean;
}

const send = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
};

/**
 * What the page uses beside the phone: `GET /_host/sample/<id>`, `GET /_host/session/<id>`, `POST /_host/kill-container`. The
 * server listens on loopback only, and refuses pages of other origins before this.
 */
export const createPanelPaths = (options: PanelOptions): PanelPaths => {
  const { gatewayUrl, samples = [], killContainer, newestContainer } = options;
  const routes: Record<string, (rest: string, response: ServerResponse) => void> = {
    'GET sample': (id, response) => {
      const found = samples.find((sample) => sample.id === id);
      if (found === undefined) send(response, 404, { error: 'there is no such sample' });
      else serveFile(path.dirname(found.file), `/${path.basename(found.file)}`, response);
    },
    'GET session': (id, response) => {
      void readFigures(gatewayUrl, id).then((figures) =>
        figures === undefined ? send(response, 404, {}) : send(response, 200, figures),
      );
    },
    'POST kill-container': (_rest, response) => {
      if (killContainer === undefined) send(response, 404, { error: 'the container is not ours to kill' });
      else send(response, 200, { killed: killContainer(newestContainer()) });
    },
  };
  return {
    answer: ({ pathname }, { method = '' }, response) => {
      const [, , name = '', rest = ''] = pathname.split('/');
      const route = pathname.startsWith('/_host/') ? routes[`${method} ${name}`] : undefined;
      route?.(rest, response);
      return route !== undefined;
    },
  };
};
