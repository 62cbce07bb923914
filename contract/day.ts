/** Asia/Shanghai is UTC+8 all year, without daylight saving, since 1991: a fixed offset is exact and needs no time zone data. */
const SHANGHAI_OFFSET_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;

/** Date and time in Asia/Shanghai of an instant, `YYYY-MM-DD HH:MM`. */
export const shanghaiTime = (epochMs: number): string =>
  new Date(epochMs + SHANGHAI_OFFSET_MS).toISOString().slice(0, 16).replace('T', ' ');

/** The calendar day in Asia/Shanghai of an instant, `YYYY-MM-DD`. */
export const shanghaiDay = (epochMs: number): string => shanghaiTime(epochMs).slice(0, 10);

const DAY = /^\d{4}-\d{2}-\d{2}$/;
/** Whether a text is an existing day `YYYY-MM-DD` (`2026-02-30` is not). */
export function isDay(text: string): boolean {
  const at = DAY.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(at) && new Date(at).toISOString().slice(0, 10) === text;
}

/** The day `days` after `day`, both `YYYY-MM-DD`. */
export const addDays = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

/** Number of days from `from` to `to`, both included. */
export const daysBetween = (from: string, to: string): number =>
  (Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS + 1;
