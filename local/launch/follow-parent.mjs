/**
 * Preloaded into every process that the launcher starts (`node --import`), so that none outlives it: when the channel
 * to the launcher closes, for whatever reason, the process asks itself to end and, if that takes too long, ends.
 */
import { isMainThread } from 'node:worker_threads';

const END_WITHIN_MS = 10_000;

if (isMainThread && process.channel) {
  process.once('disconnect', () => {
    setTimeout(() => process.exit(1), END_WITHIN_MS).unref();
    process.kill(process.pid, 'SIGTERM');
  });
  // Listening alone must not keep a process running.
  process.channel.unref();
}
