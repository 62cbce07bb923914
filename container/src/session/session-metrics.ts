import { msToSamples } from '../../../contract/limits.ts';
import type { Loss } from '../../../contract/records.ts';
import type { ResultEvent } from '../../../contract/stream.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { Metrics } from '../metrics.ts';
import type { RelayChange, RelayState } from '../upstream/relay-states.ts';

/** Arrival times are kept for this many frames: the audio of the sentence that is open, for the latency of its final. */
const KEPT_ARRIVALS = 2_000;

const isOpen = (state: RelayState): boolean => state === 'streaming' || state === 'ending';

/** What one session did on this instance: measured, and summed up for the line that the log has of its end. */
export class SessionMetrics {
  private readonly metrics: Metrics;
  private readonly clock: Clock;
  private readonly rateHz: number;
  /** When the newest frames have come: by frame, its end (samples) and the time (epoch ms). Numbers, so that none is an object. */
  private readonly arrivalPos: number[] = [];
  private readonly arrivalMs: number[] = [];
  private firstAudioMs: number | undefined;
  private hasText = false;
  private audioSamples = 0;
  private lostSamples = 0;
  private finals = 0;
  private streams = 0;
  private upstreamFailures = 0;
  private drops = 0;

  constructor(metrics: Metrics, clock: Clock, rateHz: number) {
    this.metrics = metrics;
    this.clock = clock;
    this.rateHz = rateHz;
    metrics.sessions.inc();
  }

  /** New audio from `fromPos` to `toPos` has come. */
  received(fromPos: number, toPos: number): void {
    if (toPos <= fromPos) return;
    const nowMs = this.clock.now();
    this.firstAudioMs ??= nowMs;
    this.audioSamples += toPos - fromPos;
    this.metrics.audioSeconds.inc((toPos - fromPos) / this.rateHz);
    this.arrivalPos.push(toPos);
    this.arrivalMs.push(nowMs);
    if (this.arrivalPos.length > KEPT_ARRIVALS) this.forgetArrivals(1);
  }

  lost(samples: number, reason: Loss['reason']): void {
    this.lostSamples += samples;
    this.metrics.lostSeconds.inc({ reason }, samples / this.rateHz);
  }

  /** A result was shown. */
  shown({ text, final, endMs }: ResultEvent): void {
    if (!text) return;
    const nowMs = this.clock.now();
    if (!this.hasText && this.firstAudioMs !== undefined)
      this.metrics.firstTextSeconds.observe((nowMs - this.firstAudioMs) / 1000);
    this.hasText = true;
    if (!final) return;
    this.finals += 1;
    this.metrics.finals.inc();
    const endPos = msToSamples(endMs, this.rateHz);
    const index = this.arrivalPos.findIndex((arrivedPos) => arrivedPos >= endPos);
    if (index < 0) return;
    this.metrics.finalSeconds.observe((nowMs - (this.arrivalMs[index] as number)) / 1000);
    this.forgetArrivals(index);
  }

  private forgetArrivals(count: number): void {
    this.arrivalPos.splice(0, count);
    this.arrivalMs.splice(0, count);
  }

  relayChanged({ from, to, reason }: RelayChange): void {
    if (isOpen(to) && !isOpen(from)) {
      this.streams += 1;
      this.metrics.upstreamStreams.inc();
    }
    if (isOpen(from) && !isOpen(to)) this.metrics.upstreamStreams.dec();
    if (to !== 'waiting') return;
    this.upstreamFailures += 1;
    this.metrics.upstreamFailures.inc({ code: reason });
  }

  dropped(): void {
    this.drops += 1;
    this.metrics.clientDrops.inc();
  }

  /** @returns the session's sums on this instance */
  ended(how: string): Record<string, number | string> {
    this.metrics.sessions.dec();
    this.metrics.sessionsEnded.inc({ how });
    const ms = (samples: number) => Math.round((samples * 1000) / this.rateHz);
    const { finals, streams, upstreamFailures, drops } = this;
    return {
      how,
      audioMs: ms(this.audioSamples),
      lostMs: ms(this.lostSamples),
      finals,
      streams,
      upstreamFailures,
      drops,
    };
  }
}
