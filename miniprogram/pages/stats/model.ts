import { formatDuration, type Problem, problemOf } from 'cloudbase-voice';
import { addDays, shanghaiDay } from '../../../contract/day.ts';
import type { Counts, DayCounts } from '../../../contract/functions.ts';
import type { CloudApi } from '../../services/cloud.ts';
import { formatCount } from '../../utils/format.ts';
import type { Bar } from './bars.ts';

export const SPANS = [7, 30] as const;
export type Span = (typeof SPANS)[number];

/** The value that the bars show. */
export const METRICS = [
  { id: 'sessions', name: '次数' },
  { id: 'durationMs', name: '时长' },
  { id: 'chars', name: '字数' },
] as const;
export type Metric = (typeof METRICS)[number]['id'];

export interface Figure {
  name: string;
  value: string;
}
export interface StatsView {
  loading: boolean;
  problem: Problem | null;
  today: Figure[];
  totals: Figure[];
  /** Loaded, and no session was ever counted. */
  empty: boolean;
  bars: Bar[];
  /** The bars in one sentence, also for screen readers. */
  summary: string;
}

const figuresOf = (counts: Counts): Figure[] => [
  { name: '次数', value: formatCount(counts.sessions) },
  { name: '时长', value: formatDuration(counts.durationMs) },
  { name: '字数', value: formatCount(counts.chars) },
  { name: '句数', value: formatCount(counts.sentences) },
];

/** `3/4`: month and day. */
const dayLabel = (day: string): string => `${Number(day.slice(5, 7))}/${Number(day.slice(8))}`;

const formatMetric = (metric: Metric, value: number): string => {
  if (metric === 'durationMs') return formatDuration(value);
  return metric === 'chars' ? `${formatCount(value)} 字` : `${formatCount(value)} 次`;
};

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Above a bar, where there is little room and the metric's name stands nearby: `45秒`, `22分`, `1.5时`, `128`, `1.2万`. */
export function formatBar(metric: Metric, value: number): string {
  if (metric !== 'durationMs') return formatCount(value);
  if (value >= HOUR_MS)
    return `${(Math.floor((value / HOUR_MS) * 10) / 10).toFixed(1).replace(/\.0$/, '')}时`;
  return value >= MINUTE_MS ? `${Math.floor(value / MINUTE_MS)}分` : `${Math.floor(value / 1000)}秒`;
}

export function barsOf(days: readonly DayCounts[], metric: Metric): Bar[] {
  return days.map((day) => ({
    label: dayLabel(day.day),
    value: day[metric],
    text: day[metric] > 0 ? formatBar(metric, day[metric]) : '',
  }));
}

function summaryOf(days: readonly DayCounts[], metric: Metric): string {
  const sum = days.reduce((total, day) => total + day[metric], 0);
  const highest = days.reduce((top, day) => (day[metric] > top[metric] ? day : top), days[0] as DayCounts);
  if (sum === 0) return `近 ${days.length} 天没有记录`;
  return `近 ${days.length} 天共 ${formatMetric(metric, sum)}，最多的是 ${dayLabel(highest.day)}，${formatMetric(metric, highest[metric])}`;
}

interface Loaded {
  today: DayCounts;
  totals: Counts;
  /** Of the longest span; a shorter span is its last part. */
  days: DayCounts[];
}

const LONGEST_SPAN = Math.max(...SPANS);

/** Today's counts, the totals, and the days of the chart, loaded together. */
export class StatsModel {
  readonly #cloud: Pick<CloudApi, 'stats'>;
  readonly #now: () => number;
  readonly #changed: (view: StatsView) => void;
  #loaded: Loaded | null = null;
  #loading = false;
  #problem: StatsView['problem'] = null;
  #span: Span = 7;
  #metric: Metric = 'sessions';

  constructor(cloud: Pick<CloudApi, 'stats'>, now: () => number, changed: (view: StatsView) => void) {
    this.#cloud = cloud;
    this.#now = now;
    this.#changed = changed;
  }

  get view(): StatsView {
    const loaded = this.#loaded;
    const days = loaded?.days.slice(-this.#span) ?? [];
    return {
      loading: this.#loading && loaded === null,
      problem: this.#problem,
      today: loaded ? figuresOf(loaded.today) : [],
      totals: loaded ? figuresOf(loaded.totals) : [],
      empty: loaded !== null && loaded.totals.sessions === 0,
      bars: barsOf(days, this.#metric),
      summary: days.length > 0 ? summaryOf(days, this.#metric) : '',
    };
  }

  show(span: Span, metric: Metric): void {
    this.#span = span;
    this.#metric = metric;
    this.#changed(this.view);
  }

  /** Loads everything again. What is shown stays until then, and after a failure. */
  async refresh(): Promise<void> {
    if (this.#loading) return;
    this.#loading = true;
    this.#problem = null;
    this.#changed(this.view);
    const to = shanghaiDay(this.#now());
    try {
      const [{ today }, { totals }, { days }] = await Promise.all([
        this.#cloud.stats('today', {}),
        this.#cloud.stats('totals', {}),
        this.#cloud.stats('range', { from: addDays(to, 1 - LONGEST_SPAN), to }),
      ]);
      this.#loaded = { today, totals, days };
    } catch (error) {
      this.#problem = problemOf(error);
    }
    this.#loading = false;
    this.#changed(this.view);
  }
}
