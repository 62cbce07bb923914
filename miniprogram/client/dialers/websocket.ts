/** `cloudbase-socketio-client/websocket`: browsers, and Node with its own `WebSocket` (≥ 22). */
import type { Platform } from '../platform.ts';
import type { CallbackDial, SocketTask } from './dial.ts';

interface WebSocketLike {
  binaryType: string;
  onmessage: unknown;
  onclose: unknown;
  onerror: unknown;
  send(data: string | ArrayBuffer): void;
  close(code?: number, reason?: string): void;
}
/** A `WebSocket` class as the WHATWG has it. */
export type WebSocketClass = new (url: string) => WebSocketLike;

interface Listening {
  addEventListener(event: string, fn: (event: { type: string }) => void): void;
  removeEventListener(event: string, fn: (event: { type: string }) => void): void;
}
declare const WebSocket: WebSocketClass;
declare const window: Listening | undefined;
declare const document: (Listening & { hidden: boolean }) | undefined;

const taskOf = (socket: WebSocketLike): SocketTask => {
  socket.binaryType = 'arraybuffer';
  return {
    onMessage: (fn) => {
      socket.onmessage = fn;
    },
    onClose: (fn) => {
      socket.onclose = fn;
    },
    onError: (fn) => {
      socket.onerror = fn;
    },
    send: ({ data }) => socket.send(data),
    close: ({ code, reason }) => socket.close(code, reason),
  };
};

/**
 * A `WebSocket`. It cannot send headers: use `auth` or `query`.
 * @param base `wss://host`; default: the option `service`
 * @param Class default: the global one
 */
export const webSocket =
  (base?: string, Class?: WebSocketClass): CallbackDial =>
  ({ service, path }, opened) =>
    opened(taskOf(new (Class || WebSocket)((base || service) + path)));

/**
 * Events of a browser's page for the option `platform`: `online` and `offline`, and when the page is seen again, since timers of hidden
 * pages are late. A hidden page keeps its network, so it goes on connecting.
 */
export const platform: Platform = ({ show, network }) => {
  const onLine = (event: { type: string }): void => network({ isConnected: event.type === 'online' });
  const onSeen = (): void => {
    if (!document?.hidden) show();
  };
  const each = (verb: 'add' | 'remove'): void => {
    const listen = `${verb}EventListener` as const;
    if (typeof window !== 'object' || typeof document !== 'object') return;
    window[listen]('online', onLine);
    window[listen]('offline', onLine);
    document[listen]('visibilitychange', onSeen);
  };
  each('add');
  return () => each('remove');
};
