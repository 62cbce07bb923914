import { api, type WxContext } from './call.ts';
import { createSocketTask } from './socket.ts';

type W = WechatMiniprogram.Wx;

const parse = (text: string, dataType: string | undefined): unknown => {
  if (dataType !== undefined && dataType !== 'json') return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** Fails at once while the network is off, as the phone does. */
export const requireNetwork = (online: boolean): void => {
  if (!online) throw new Error('net::ERR_INTERNET_DISCONNECTED');
};

export const networkApi = ({ device }: WxContext) =>
  ({
    connectSocket: ((options: WechatMiniprogram.ConnectSocketOption) => {
      const task = createSocketTask(device, options.url, options.protocols);
      queueMicrotask(() => {
        const result = { errMsg: 'connectSocket:ok' };
        options.success?.(result as never);
        options.complete?.(result as never);
      });
      return task;
    }) as unknown as W['connectSocket'],
    request: ((options: WechatMiniprogram.RequestOption) => {
      const abort = new AbortController();
      const send = api<WechatMiniprogram.RequestOption>(
        'request',
        async ({ url, method = 'GET', data, header, dataType }) => {
          requireNetwork(device.online);
          const body =
            method === 'GET' || data === undefined
              ? undefined
              : typeof data === 'string'
                ? data
                : JSON.stringify(data);
          const response = await fetch(url, {
            method,
            headers: { 'content-type': 'application/json', ...(header as Record<string, string>) },
            signal: abort.signal,
            ...(body !== undefined && { body }),
          });
          return {
            statusCode: response.status,
            data: parse(await response.text(), dataType),
            header: Object.fromEntries(response.headers),
            cookies: [],
          } as never;
        },
      );
      const noop = (): void => undefined;
      send({ fail: noop, ...options });
      return {
        abort: () => abort.abort(),
        onHeadersReceived: noop,
        offHeadersReceived: noop,
      };
    }) as unknown as W['request'],
  }) satisfies Partial<W>;
