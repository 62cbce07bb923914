/** One connection to the recogniser, and what is done on it. */
export interface Scenario {
  name: string;
  /** What it is to show, for people. */
  title: string;
  /** Audio that is sent, ms: what is paid for. 0: none. */
  audioMs: number;
  /** Audio a second of wall time; Infinity: all at once. */
  pace: number;
  /** Ends the audio properly, so that the last sentence comes; else the service ends the connection, or a bound does. */
  end: boolean;
  /** Changes of the request that the service has to refuse. */
  wrong?: 'signature' | 'engine';
  /** How long the service is waited for after the audio, ms. */
  waitMs: number;
}

/** The last results take a moment; a service that says nothing at all is not waited for longer. */
const FINAL_WAIT_MS = 12_000;
/** Refusals come at once. */
const REFUSAL_WAIT_MS = 10_000;
/** No audio for 15 s is 4008 (1093/48982). */
const SILENCE_WAIT_MS = 25_000;
/** More than 3 s of audio within 1 s is 4000 (1093/48982). */
const BURST_AUDIO_MS = 4_000;

/**
 * What one paid minute is spent on. The refusals and the silence cost nothing.
 * @param seconds of audio for the first one; the second takes half of it
 */
export const scenarios = (seconds: number): readonly Scenario[] => [
  {
    name: 'level',
    title: '一倍速：句子、词时间、stable_flag、结束',
    audioMs: seconds * 1_000,
    pace: 1,
    end: true,
    waitMs: FINAL_WAIT_MS,
  },
  {
    name: 'behind',
    title: '两倍速：追赶时收不收',
    audioMs: seconds * 500,
    pace: 2,
    end: true,
    waitMs: FINAL_WAIT_MS,
  },
  {
    name: 'burst',
    title: '一次送 4 秒：过快时的错误码与断开',
    audioMs: BURST_AUDIO_MS,
    pace: Number.POSITIVE_INFINITY,
    end: false,
    waitMs: REFUSAL_WAIT_MS,
  },
  {
    name: 'silence',
    title: '不送音频：多久断开，什么错误码',
    audioMs: 0,
    pace: 1,
    end: false,
    waitMs: SILENCE_WAIT_MS,
  },
  {
    name: 'wrong-signature',
    title: '签名不对：错误码与断开',
    audioMs: 0,
    pace: 1,
    end: false,
    wrong: 'signature',
    waitMs: REFUSAL_WAIT_MS,
  },
  {
    name: 'wrong-engine',
    title: '没有的引擎：错误码与断开',
    audioMs: 0,
    pace: 1,
    end: false,
    wrong: 'engine',
    waitMs: REFUSAL_WAIT_MS,
  },
];

/** What is paid for, ms. */
export const paidMs = (all: readonly Scenario[]): number =>
  all.reduce((sum, { audioMs }) => sum + audioMs, 0);
