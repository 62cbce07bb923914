import { BUILD } from '../../lib/build.ts';
import type { Clock } from '../../lib/clock.ts';

/** Why something failed. */
interface LoggedError {
  type: string;
  message: string;
}

/** What may be logged: names, codes and numbers, never what people said, typed or are called. */
export interface LogFields {
  fn: string;
  requestId: string;
  err?: LoggedError;
  [field: string]: string | number | boolean | LoggedError | undefined;
}

/** Part of the container's log, in the same format: docs/operations.md lists every line. */
export interface Log {
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

/** Enough to find the cause, short enough not to hold a document. */
const MAX_REASON_CHARS = 300;

/** Why something failed, for the log: the chain of causes, names and messages only. */
export function loggedError(error: unknown): LoggedError {
  const parts: string[] = [];
  for (let at = error; at !== undefined && at !== null && parts.length < 4; ) {
    const { name, message, errMsg, code } = at as Record<string, unknown>;
    const text = [name, code, message ?? errMsg].filter((part) => typeof part === 'string' && part !== '');
    parts.push(text.length > 0 ? text.join(' ') : String(at));
    at = (at as { cause?: unknown }).cause;
  }
  const type = error instanceof Error ? error.name : typeof error;
  return { type, message: parts.join(' < ').slice(0, MAX_REASON_CHARS) };
}

/** As pino numbers them, with which the container logs. */
const LEVELS = { info: 30, warn: 40, error: 50 } as const;

/**
 * Logs one JSON object on each line: the platform's log search splits by line. The first line, one for each cold start, says which
 * build runs.
 */
export function consoleLog(clock: Clock, print: (line: string) => void = console.log): Log {
  let first: object = BUILD;
  const at =
    (level: number): Log['info'] =>
    (fields, msg) => {
      print(JSON.stringify({ level, time: clock.now(), ...first, ...fields, msg }));
      first = {};
    };
  return { info: at(LEVELS.info), warn: at(LEVELS.warn), error: at(LEVELS.error) };
}
