import type { VoiceOptions } from 'cloudbase-voice';
import { ENGINES, type EngineName } from '../../../contract/engines.ts';
import type { Settings } from '../../config.ts';
import { parseHotwords } from '../../utils/hotwords.ts';

/** Engines that can be chosen before a recording, in the order of the contract's table. */
export const REALTIME_ENGINES = (Object.keys(ENGINES) as EngineName[]).filter(
  (name) => ENGINES[name].realtime,
);
export const ENGINE_LABELS = REALTIME_ENGINES.map((name) => ENGINES[name].label);

/** Options of a new recording, from the settings. */
export function voiceOptions({
  engine,
  wordTimes,
  hotwords,
}: Settings): Required<Pick<VoiceOptions, 'engine' | 'hotwords' | 'wordTimes'>> {
  return {
    engine,
    wordTimes: wordTimes && ENGINES[engine].wordTimes,
    hotwords: parseHotwords(hotwords).hotwords,
  };
}
