import { type ErrorCode, isRetriable } from './errors.ts';

/** The HTTP API: the cloud functions, each at `<base>/<name>`, through CloudBase's HTTP access. */
export const HTTP_API_BASE = '/api/realtime-voice';

export interface HttpReads {
  /** Actions that change nothing, so that GET may ask for them. */
  readonly actions: readonly string[];
  /** The action of a GET that names none. */
  readonly default: string;
}

/** What GET may ask for, by function; everything else takes POST. The function `ticket` refuses every HTTP caller. */
export const HTTP_READS = {
  history: { actions: ['list', 'get', 'search', 'find', 'export'], default: 'list' },
  stats: { actions: ['today', 'range', 'totals'], default: 'today' },
  recognize: { actions: ['result'], default: 'result' },
} as const satisfies Record<string, HttpReads>;

/** The methods of the API; OPTIONS is the browsers' preflight. */
export const HTTP_METHODS = ['GET', 'POST', 'OPTIONS'] as const;

/** On every answer but a preflight's: the build of the function, as `build` of the container's `/health`. */
export const BUILD_HEADER = 'x-build';

const STATUS: Partial<Record<ErrorCode, number>> = {
  UNAUTHENTICATED: 401,
  TICKET_INVALID: 401,
  TICKET_EXPIRED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  CONFLICT: 409,
  TOO_LARGE: 413,
  BODY_TOO_LARGE: 413,
  AUDIO_UNSUPPORTED: 415,
  INTERNAL: 500,
  STORE_MISCONFIGURED: 500,
};

/** The HTTP status of an error code: 503 where trying again can help, 400 where nothing else says more. */
export const httpStatusOf = (code: ErrorCode): number => STATUS[code] ?? (isRetriable(code) ? 503 : 400);
