import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { BUILD } from '../../lib/build.ts';

const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export type Metrics = ReturnType<typeof createMetrics>;

/** What makes the metrics of a registry. */
function metricsIn(registry: Registry) {
  const registers = [registry];
  return {
    counter: <L extends string>(name: string, help: string, ...labelNames: L[]) =>
      new Counter<L>({ name, help, labelNames, registers }),
    gauge: <L extends string>(name: string, help: string, ...labelNames: L[]) =>
      new Gauge<L>({ name, help, labelNames, registers }),
    seconds: <L extends string>(name: string, help: string, ...labelNames: L[]) =>
      new Histogram<L>({ name, help, labelNames, buckets: SECONDS, registers }),
  };
}

/**
 * What the service measures of itself, for Prometheus. No label holds a user, a session or text: labels are codes, operations,
 * reasons and the build, of which there are few. docs/operations.md says what each one means.
 */
export function createMetrics() {
  const registry = new Registry();
  const { counter, gauge, seconds } = metricsIn(registry);
  gauge('voice_build_info', 'Always 1; its labels: which build this instance runs', 'version', 'build').set(
    { ...BUILD },
    1,
  );
  return {
    registry,
    sessions: gauge('voice_sessions', 'Sessions that this instance owns'),
    sessionsEnded: counter(
      'voice_sessions_ended_total',
      'Sessions that ended here, by how: completed, released, cancelled, fenced',
      'how',
    ),
    upstreamStreams: gauge(
      'voice_upstream_streams',
      'Streams that the recogniser has accepted and that are open',
    ),
    upstreamFailures: counter(
      'voice_upstream_failures_total',
      'Upstream streams that failed, by code or reason; each is followed by a new one',
      'code',
    ),
    audioSeconds: counter(
      'voice_audio_seconds_total',
      'Audio received from clients, repeated frames not counted',
    ),
    lostSeconds: counter(
      'voice_lost_seconds_total',
      'Audio that will never be recognised, by reason',
      'reason',
    ),
    finals: counter('voice_finals_total', 'Finished sentences'),
    firstTextSeconds: seconds(
      'voice_first_text_seconds',
      'From the first audio of a session on this instance to its first text',
    ),
    finalSeconds: seconds(
      'voice_final_latency_seconds',
      'From the arrival of the audio at the end of a sentence to its final',
    ),
    clientDrops: counter(
      'voice_client_drops_total',
      'Sockets that went away while their session was going on',
    ),
    refusals: counter('voice_refusals_total', 'Refused requests and error events, by code', 'code'),
    storeSeconds: seconds(
      'voice_store_request_seconds',
      'Time of a store operation, by operation; failed ones included',
      'operation',
    ),
    storeErrors: counter(
      'voice_store_errors_total',
      'Store operations that failed, by operation and code',
      'operation',
      'code',
    ),
    storeQueue: gauge('voice_store_queue', 'Database requests that wait for their turn'),
    ...leaseMetrics(registry),
  };
}

/** Of the recogniser's streams that the instances share; 0 where they are not counted. */
function leaseMetrics(registry: Registry) {
  const registers = [registry];
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  return {
    leaseSlots: gauge('voice_lease_slots', 'Streams of the recogniser that this instance holds'),
    leaseUsed: gauge('voice_lease_used', 'Sessions of this instance that have one of the streams'),
    leaseWaiting: gauge('voice_lease_waiting', 'Sessions of this instance that wait for a stream'),
    leaseFailures: new Counter({
      name: 'voice_lease_failures_total',
      help: 'Requests for the lease that failed, by code',
      labelNames: ['code'],
      registers,
    }),
  };
}

/** Adds what Node.js measures of itself: event-loop lag, garbage collection, memory, CPU. Starts a timer. */
export const collectProcessMetrics = ({ registry }: Metrics): void =>
  collectDefaultMetrics({ register: registry });
