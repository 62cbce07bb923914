import { type CloudCallDeps, type CloudCalls, cloudCalls, invoke } from 'cloudbase-voice';
import type {
  HISTORY_ACTIONS,
  HistoryAnswers,
  RecognizeAnswer,
  RequestOf,
  STATS_ACTIONS,
  StatsAnswers,
} from '../../contract/functions.ts';
import { type RecognizeProgress, type Recording, recognizeRecording, type Uploads } from './recognition.ts';

type HistoryRequest<K extends keyof HistoryAnswers> = Omit<RequestOf<typeof HISTORY_ACTIONS, K>, 'action'>;
type StatsRequest<K extends keyof StatsAnswers> = Omit<RequestOf<typeof STATS_ACTIONS, K>, 'action'>;

/** The four cloud functions, with what they take. */
export interface CloudApi extends CloudCalls {
  history<K extends keyof HistoryAnswers>(action: K, request: HistoryRequest<K>): Promise<HistoryAnswers[K]>;
  stats<K extends keyof StatsAnswers>(action: K, request: StatsRequest<K>): Promise<StatsAnswers[K]>;
  /** One-shot recognition of a whole recording. */
  recognize(
    recording: Recording,
    onProgress?: (progress: RecognizeProgress) => void,
  ): Promise<RecognizeAnswer>;
}

export interface CloudDeps extends CloudCallDeps {
  uploads: Uploads;
}

export const createCloud = (deps: CloudDeps): CloudApi => ({
  ...cloudCalls(deps),
  recognize: (recording, onProgress) =>
    recognizeRecording(
      recording,
      { ...deps, invoke: (request, waitMs) => invoke(deps, 'recognize', request, waitMs) },
      onProgress,
    ),
});
