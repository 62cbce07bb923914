import type { IncomingMessage, ServerResponse } from 'node:http';
import * as v from 'valibot';
import { readBody } from '../../lib/http-body.ts';
import type { Fault, Faults } from './faults.ts';
import { sendJson } from './http.ts';
import type { AsrEngine } from './recogniser.ts';
import type { AsrStats } from './stats.ts';

const MAX_BODY_BYTES = 65_536;

/** `/_local/…`: statistics and faults, for tests and developers. Not part of the emulated service. */
export class ControlApi {
  readonly #engine: AsrEngine;
  readonly #faults: Faults;
  readonly #stats: AsrStats;

  constructor(engine: AsrEngine, faults: Faults, stats: AsrStats) {
    this.#engine = engine;
    this.#faults = faults;
    this.#stats = stats;
  }

  async handle(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const route = `${request.method} ${path}`;
    if (route === 'GET /_local/stats') {
      const engine = { name: this.#engine.name, lagMs: this.#engine.lagMs() };
      sendJson(response, 200, { ...this.#stats, engine, faults: this.#faults.fired });
    } else if (route === 'POST /_local/faults') await this.#setFaults(request, response);
    else if (route === 'DELETE /_local/faults') {
      this.#faults.clear();
      sendJson(response, 200, { ok: true });
    } else sendJson(response, 404, { error: `no such route: ${route}` });
  }

  async #setFaults(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body: unknown = JSON.parse((await readBody(request, MAX_BODY_BYTES)).toString('utf8'));
      this.#faults.set(body as Fault | Fault[]);
      sendJson(response, 200, { ok: true });
    } catch (error) {
      const path = v.isValiError(error) ? `${v.getDotPath(error.issues[0])}: ` : '';
      sendJson(response, 400, { error: path + (error as Error).message });
    }
  }
}
