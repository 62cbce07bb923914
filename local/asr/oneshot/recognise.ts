import { setImmediate as nextTurn } from 'node:timers/promises';
import { type AsrEngine, ENGINE_RATE_HZ, type Stretch } from '../engine/recogniser.ts';

/** Audio given to the engine before other streams get a turn, samples. */
const CHUNK_SAMPLES = ENGINE_RATE_HZ / 4;
const SILENCE_MS = 1_000;

/** Recognises a whole recording. @throws what the engine fails with */
export function recogniseAll(engine: AsrEngine, samples: Int16Array): Promise<Stretch[]> {
  const heard: Stretch[] = [];
  return new Promise((resolve, reject) => {
    const recogniser = engine.open(
      {
        onHearing(hearing) {
          heard.push(...hearing.settled);
          if (!hearing.last) return;
          recogniser.close();
          resolve(heard);
        },
        onFailure: reject,
      },
      { silenceMs: SILENCE_MS },
    );
    const feed = async (): Promise<void> => {
      for (let at = 0; at < samples.length; at += CHUNK_SAMPLES) {
        recogniser.push(samples.subarray(at, at + CHUNK_SAMPLES));
        await nextTurn();
      }
      recogniser.flush();
    };
    feed().catch(reject);
  });
}
