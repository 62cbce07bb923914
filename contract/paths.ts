/** Every path of the container's address, in one place: clients, proxies and tools use the same names. */

/** Socket.IO's own default; a deployment may set another one. */
export const DEFAULT_SOCKET_IO_PATH = '/socket.io/';

/** Where WebSocket clients without Socket.IO stream; all are the same. */
export const STREAM_PATHS = ['/api/realtime-voice/stream', '/ws'] as const;

/** An echo that needs no ticket: whether a WebSocket gets through at all. */
export const ECHO_PATH = '/test-ws';

export const HEALTH_PATHS = ['/health', '/ready'] as const;

/** Of the HTTP API, which the cloud functions answer; the container says so. */
export const HTTP_API_PATHS = [
  '/api/realtime-voice/recognize',
  '/api/realtime-voice/history',
  '/api/realtime-voice/stats',
] as const;
