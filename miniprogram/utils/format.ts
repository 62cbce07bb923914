const two = (value: number): string => String(value).padStart(2, '0');

const startOfDay = (at: Date): number => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
const DAY_MS = 86_400_000;

/** A time of day in the phone's time zone: `14:03`. */
export function formatTime(epochMs: number): string {
  const at = new Date(epochMs);
  return `${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** A day in the phone's time zone: `今天`, `昨天`, `3月4日`, `2025年3月4日`. */
function formatDay(epochMs: number, nowMs: number): string {
  const [at, now] = [new Date(epochMs), new Date(nowMs)];
  const daysAgo = Math.round((startOfDay(now) - startOfDay(at)) / DAY_MS);
  if (daysAgo === 0) return '今天';
  if (daysAgo === 1) return '昨天';
  const date = `${at.getMonth() + 1}月${at.getDate()}日`;
  return at.getFullYear() === now.getFullYear() ? date : `${at.getFullYear()}年${date}`;
}

/** A time in the phone's time zone: `今天 14:03`, `昨天 09:10`, `3月4日 20:00`, `2025年3月4日 20:00`. */
export const formatDateTime = (epochMs: number, nowMs: number): string =>
  `${formatDay(epochMs, nowMs)} ${formatTime(epochMs)}`;

/** The heading over all that was on one day: `今天`, `昨天`, `11月28日 周六`. */
export function formatDayHeading(epochMs: number, nowMs: number): string {
  const day = formatDay(epochMs, nowMs);
  return day.endsWith('日') ? `${day} 周${'日一二三四五六'.charAt(new Date(epochMs).getDay())}` : day;
}

/** A count, rounded down: `999`, `1.2万`, `3.4亿`. */
export function formatCount(value: number): string {
  if (value < 10_000) return String(value);
  const [unit, word] = value < 100_000_000 ? [10_000, '万'] : [100_000_000, '亿'];
  return `${(Math.floor((value / unit) * 10) / 10).toFixed(1).replace(/\.0$/, '')}${word}`;
}
