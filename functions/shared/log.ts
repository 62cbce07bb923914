/** What may be logged: names, codes and numbers, never what people said, typed or are called. */
export interface LogLine {
  level: 'info' | 'warn' | 'error';
  fn: string;
  requestId: string;
  [field: string]: string | number | boolean | undefined;
}
export type Log = (line: LogLine) => void;

/** Enough to find the fault, short enough not to carry a document along. */
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

/** One JSON line a call: the platform's log search splits by line. */
export const logToConsole: Log = (line) =>
  console.log(JSON.stringify({ at: new Date().toISOString(), ...line }));
