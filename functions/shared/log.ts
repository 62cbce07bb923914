import type { Clock } from '../../lib/clock.ts';

/** What may be logged: names, codes and numbers, never what people said, typed or are called. */
export interface LogLine {
  level: 'info' | 'warn' | 'error';
  fn: string;
  requestId: string;
  [field: string]: string | number | boolean | undefined;
}
export type Log = (line: LogLine) => void;

/** Enough to find the cause, short enough not to hold a document. */
const MAX_REASON_CHARS = 300;

/** Why something failed, for the log: the chain of causes, names and messages only. */
export function reasonOf(error: unknown): string {
  const parts: string[] = [];
  for (let at = error; at !== undefined && at !== null && parts.length < 4; ) {
    const { name, message, errMsg, code } = at as Record<string, unknown>;
    const text = [name, code, message ?? errMsg].filter((part) => typeof part === 'string' && part !== '');
    parts.push(text.length > 0 ? text.join(' ') : String(at));
    at = (at as { cause?: unknown }).cause;
  }
  return parts.join(' < ').slice(0, MAX_REASON_CHARS);
}

/** Logs to the console, one JSON object on each line: the platform's log search splits by line. */
export const consoleLog =
  (clock: Clock): Log =>
  (line) =>
    console.log(JSON.stringify({ at: new Date(clock.now()).toISOString(), ...line }));
