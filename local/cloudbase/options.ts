import type { Clock } from '../../lib/clock.ts';
import type { Doc } from './database/values.ts';

/** How to start a gateway. */
export interface GatewayOptions {
  /** 0: any free port. */
  port: number;
  /** Where documents and files are kept; undefined: only in memory. */
  dataDir?: string | undefined;
  /** Without `dataDir`: the documents that it begins with, by collection and id. It takes them over. */
  documents?: ReadonlyMap<string, Map<string, Doc>> | undefined;
  /** cloudbaserc.json: collections, indexes, functions' time limits and triggers. */
  rcPath: string;
  /** Values of `{{env.NAME}}` in that file; this process's environment unless given. */
  rcEnv?: Record<string, string> | undefined;
  envId: string;
  /** Keys by secret id; requests must be signed with one of them. The first is the one given to SDKs. */
  secrets: Record<string, string>;
  /** API keys, the other way in; read at each request. The first is the one given to containers. */
  apiKeys?: ReadonlySet<string> | undefined;
  /** One built folder per function: `<name>/index.js` with an exported `main`. */
  functionsDir?: string | undefined;
  /** False: a function may take any time, because a debugger may have paused it. Default true. */
  functionTimeLimits?: boolean | undefined;
  /** More environment for functions. */
  functionEnv?: Record<string, string> | undefined;
  /** Openids by the names that `x-local-user` takes. */
  users?: Record<string, string> | undefined;
  /** Milliseconds after which an open transaction is dropped; the cloud's 30 s unless given. */
  transactionTimeoutMs?: number | undefined;
  /** Default: the system's. */
  clock?: Clock | undefined;
  log?: ((entry: Record<string, unknown>) => void) | undefined;
}

export const DEFAULT_USERS: Readonly<Record<string, string>> = { A: 'oLocalUserA', B: 'oLocalUserB' };
