import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../../../lib/clock.ts';
import type { Faults } from '../faults.ts';
import type { AsrLimits } from '../options.ts';
import type { AsrEngine } from '../recogniser.ts';
import { StreamRecording } from '../recording.ts';
import { type AsrStats, increment } from '../stats.ts';
import { AdmissionControl, type AdmissionDecision } from './admission.ts';
import type { Refusal } from './codes.ts';
import { MessageBuilder } from './messages.ts';
import { StreamSession } from './stream-session.ts';

export interface RealtimeHandlerOptions {
  secrets: Readonly<Record<string, string>>;
  appId: string;
  engine: AsrEngine;
  limits: AsrLimits;
  clock: Clock;
  faults: Faults;
  stats: AsrStats;
  recordDir: string | undefined;
}

const PATH = /^\/asr\/v2\/([^/?]+)\?(.*)$/s;
/** Our choice: the service's limit is not documented. */
const MAX_FRAME_BYTES = 1024 * 1024;

/** `/asr/v2/<appid>`: accepts WebSocket upgrades, then refuses or starts a stream. */
export class RealtimeHandler {
  readonly #options: RealtimeHandlerOptions;
  readonly #admission: AdmissionControl;
  readonly #server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
  });
  readonly #sockets = new Set<WebSocket>();

  constructor(options: RealtimeHandlerOptions) {
    this.#options = options;
    this.#admission = new AdmissionControl(options);
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => {});
    const [, appId, query] = PATH.exec(request.url ?? '') ?? [];
    if (appId === undefined || query === undefined) {
      refuseUpgrade(socket, 400);
      return;
    }
    const faults = this.#options.faults.draw();
    const http = faults.get('http');
    if (http) {
      refuseUpgrade(socket, http.status);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      this.#track(webSocket);
      const admission = this.#admit(appId, query);
      if ('refusal' in admission) {
        this.#refuse(webSocket, admission.voiceId, admission.refusal);
        return;
      }
      const { params } = admission;
      const { recordDir, ...context } = this.#options;
      const recording = recordDir === undefined ? null : new StreamRecording(recordDir, params.voiceId);
      new StreamSession({ ...context, socket: webSocket, params, faults, recording }).start();
    });
  }

  #admit(appId: string, query: string): AdmissionDecision {
    const admission = this.#admission.admit(appId, query);
    if ('params' in admission && this.#sockets.size > this.#options.limits.maxSessions) {
      return { voiceId: admission.voiceId, refusal: { code: 4006 } };
    }
    return admission;
  }

  #track(socket: WebSocket): void {
    this.#sockets.add(socket);
    this.#options.stats.sessions.open = this.#sockets.size;
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#options.stats.sessions.open = this.#sockets.size;
    });
  }

  /** Refuses after the upgrade: the error is the first message, then the connection is closed. */
  #refuse(socket: WebSocket, voiceId: string, refusal: Refusal): void {
    increment(this.#options.stats.codes, refusal.code);
    socket.on('error', () => {});
    socket.send(JSON.stringify(new MessageBuilder(voiceId).error(refusal)));
    socket.close(1000);
  }

  close(): void {
    for (const socket of this.#sockets) socket.terminate();
    this.#server.close();
  }
}

function refuseUpgrade(socket: Duplex, status: 400 | 503): void {
  const reason = status === 400 ? 'Bad Request' : 'Service Unavailable';
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
