/**
 * Preloaded into every process that the launcher starts (`node --import`), so that none outlives it: when the IPC
 * channel to the launcher closes, for whatever reason, the process sends itself SIGTERM, and exits if that has not
 * ended it within a limit.
 */
import { isMainThread } from 'node:worker_threads';

const EXIT_WITHIN_MS = 10_000;

if (isMainThread && process.channel) {
  process.once('disconnect', () => {
    setTimeout(() => process.exit(1), EXIT_WITHIN_MS).unref();
    process.kill(process.pid, 'SIGTERM');
  });
  // The open channel must not keep the process running.
  process.channel.unref();
}
