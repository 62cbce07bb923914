import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Deferred } from '../../lib/deferred.ts';
import { ACTIONS } from './actions.ts';
import { nameOf, type RecordedCall } from './calls.ts';
import { ApiError } from './errors.ts';
import { type Fault, Faults } from './faults.ts';
import { type HttpContext, readRequest } from './http.ts';
import { OBJECT_HEADERS, ObjectStorage } from './object-storage.ts';
import type { Params } from './params.ts';
import { checkSignature } from './signature.ts';
import { type CloudState, newState } from './state.ts';

/** Preloaded, it sends what is meant for the cloud to the address in `RECORDING_CLOUD`. */
export const REDIRECT = fileURLToPath(new URL('redirect.cjs', import.meta.url));
const API_HOST = /^(\w+)\.(?:[\w-]+\.)?tencentcloudapi\.com$/;
const OBJECT_HOST = /\.myqcloud\.com$/;

export interface DeployCloudOptions {
  envId: string;
  /** Secret keys by secret id, of those who may call. */
  secrets: Readonly<Record<string, string>>;
}

/** A cloud on loopback that records what deployment tools ask of it. Every test may change its `state`. */
export class DeployCloud {
  readonly state: CloudState;
  readonly faults = new Faults();
  /** In the order in which they came. */
  readonly calls: RecordedCall[] = [];
  /** Calls that no such cloud has an answer to. */
  readonly unknownCalls: string[] = [];
  readonly #options: DeployCloudOptions;
  readonly #storage: ObjectStorage;
  readonly #server = createServer((request, response) => {
    readRequest(request, response).then(
      (context) => this.#serve(context),
      () => request.socket.destroy(),
    );
  });
  #held: Deferred<void> | undefined;

  constructor(options: DeployCloudOptions) {
    this.#options = options;
    this.state = newState(options.envId);
    this.#storage = new ObjectStorage(this.state);
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    this.release();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What a process needs in its environment so that all that it sends comes here. */
  get env(): Record<string, string> {
    return { RECORDING_CLOUD: this.url, NODE_OPTIONS: `--require ${JSON.stringify(REDIRECT)}` };
  }

  /** Answers the call that is held. */
  release(): void {
    this.#held?.resolve();
    this.#held = undefined;
  }

  #serve(context: HttpContext): void {
    const service = API_HOST.exec(context.host)?.[1];
    if (service !== undefined) void this.#serveAction(context, service);
    else this.#serveOther(context, OBJECT_HOST.test(context.host));
  }

  #serveOther(context: HttpContext, isObject: boolean): void {
    const action = `${context.method} ${context.host}${context.url.pathname}`;
    // a package is not kept twice
    const params = isObject ? {} : { body: context.body.toString() };
    this.calls.push({ service: isObject ? 'cos' : 'http', action, params });
    const answer = isObject ? this.#storage.take(context) : undefined;
    if (answer === undefined) this.unknownCalls.push(action);
    context.send(answer === undefined ? 404 : 200, OBJECT_HEADERS, answer ?? '');
  }

  async #serveAction(context: HttpContext, service: string): Promise<void> {
    const action = context.headers['x-tc-action'] ?? context.url.searchParams.get('Action') ?? '';
    const call: RecordedCall = { service, action, params: paramsOf(context.body) };
    this.calls.push(call);
    const fault = this.faults.take(nameOf(call));
    if (fault?.effect === 'cut-before') return context.cut();
    if (fault?.effect === 'hold') await this.#hold();
    const answer = this.#answer(context, call, fault);
    if (fault?.effect === 'cut-after') return context.cut();
    context.send(200, { 'content-type': 'application/json' }, JSON.stringify({ Response: answer }));
  }

  #hold(): Promise<void> {
    this.#held = new Deferred();
    return this.#held.promise;
  }

  #answer(context: HttpContext, call: RecordedCall, fault: Fault | undefined): object {
    const RequestId = `request-${this.calls.length}`;
    try {
      checkSignature(
        {
          method: context.method,
          path: context.url.pathname,
          query: context.url.search.slice(1),
          headers: context.headers,
          body: context.body,
        },
        this.#options.secrets,
      );
      if (fault?.effect === 'refuse')
        throw new ApiError(fault.code ?? 'InternalError', fault.message ?? 'refused on demand');
      const handler = ACTIONS.get(nameOf(call));
      if (!handler) {
        this.unknownCalls.push(nameOf(call));
        throw new ApiError('InvalidAction', `The action ${call.action} is not known here`);
      }
      return { ...handler(call.params, this.state), RequestId };
    } catch (error) {
      const { code, message } =
        error instanceof ApiError ? error : new ApiError('InternalError', String(error));
      call.refused = code;
      return { Error: { Code: code, Message: message }, RequestId };
    }
  }
}

function paramsOf(body: Buffer): Params {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === 'object' && value !== null ? (value as Params) : {};
  } catch {
    return {};
  }
}

/** A cloud that listens. */
export async function startDeployCloud(options: DeployCloudOptions): Promise<DeployCloud> {
  const cloud = new DeployCloud(options);
  await cloud.listen();
  return cloud;
}
