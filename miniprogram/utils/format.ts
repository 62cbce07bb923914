const two = (value: number): string => String(value).padStart(2, '0');

/** Audio time: `00:07`, `12:30`, `1:02:03`. */
export function formatAudioTime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${two(m)}:${two(s)}`;
}

/** A duration, rounded down as {@link formatAudioTime} does, so that the two agree where both are shown: `8 秒`, `3 分 20 秒`, `1 小时 5 分`. */
export function formatDuration(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  if (seconds < 60) return `${seconds} 秒`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} 分` : `${minutes} 分 ${seconds % 60} 秒`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? `${hours} 小时` : `${hours} 小时 ${minutes % 60} 分`;
}

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
