import { type WebSocket, WebSocketServer } from 'ws';
import { VoiceError } from '../../../contract/errors.ts';
import type { Clock } from '../../../lib/clock.ts';
import { TokenBucket } from '../../../lib/token-bucket.ts';
import { sendBounded } from './backpressure.ts';
import { refuseUpgrade, type UpgradeHandler } from './http-answer.ts';
import { CALLER_LIMITS } from './limits.ts';
import type { UnauthenticatedLimiter } from './unauthenticated-limiter.ts';

/** RFC 6455 §7.4.1. */
const NORMAL = 1000;
const POLICY_VIOLATION = 1008;

export interface Echo {
  upgrade: UpgradeHandler;
  /** Of `ws`, whose clients are closed when the service stops. */
  server: WebSocketServer;
}

/**
 * Sends each message back as it came, without a ticket: whether a WebSocket gets through all that is between. Small messages,
 * few a second, for a short time, and so many connections at once: it carries nothing for anybody.
 */
export function createEcho(deps: { clock: Clock; unauthenticated: UnauthenticatedLimiter }): Echo {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: CALLER_LIMITS.echoMessageBytes,
    perMessageDeflate: false,
  });
  return {
    server,
    upgrade(request, socket, head) {
      const full = server.clients.size >= CALLER_LIMITS.echoConnections;
      const retryAfterMs = deps.unauthenticated.admit(request) || (full ? CALLER_LIMITS.echoForMs : 0);
      if (retryAfterMs > 0)
        refuseUpgrade(socket, 429, { error: new VoiceError('RATE_LIMITED', { retryAfterMs }).toWire() });
      else server.handleUpgrade(request, socket, head, (ws) => echo(ws, deps.clock));
    },
  };
}

function echo(ws: WebSocket, clock: Clock): void {
  const messages = new TokenBucket(clock, CALLER_LIMITS.echoMessages);
  const cancel = clock.after(CALLER_LIMITS.echoForMs, () => ws.close(NORMAL, 'time is over'));
  ws.on('error', () => ws.terminate());
  ws.on('close', cancel);
  ws.on('message', (data: Buffer, isBinary) => {
    if (messages.take() > 0) ws.close(POLICY_VIOLATION, 'too many messages');
    else sendBounded(ws, isBinary ? data : data.toString('utf8'));
  });
}
