import * as v from 'valibot';
import type { AsrSentence, AsrWord } from './types.ts';

/** slice_type of a sentence that will not change any more; 0 begins one, 1 is under way. */
const SLICE_FINAL = 2;
const KNOWN_SLICES: ReadonlySet<number> = new Set([0, 1, SLICE_FINAL]);

const ms = v.pipe(v.number(), v.finite(), v.minValue(0));

const resultSchema = v.object({
  slice_type: v.number(),
  index: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  start_time: ms,
  end_time: ms,
  voice_text_str: v.nullish(v.string(), ''),
  word_list: v.nullish(v.array(v.unknown()), []),
});

const messageSchema = v.object({
  code: v.pipe(v.number(), v.safeInteger()),
  message: v.fallback(v.string(), ''),
  result: v.nullish(resultSchema),
  final: v.nullish(v.unknown()),
});

/** One text message of the service. */
export interface AsrMessage {
  /** 0: no error. */
  code: number;
  /** For people. Its wording changes, so nothing is decided by it; it may quote the request, so it is not logged. */
  message: string;
  sentence: AsrSentence | undefined;
  /** No message follows. */
  final: boolean;
}

const isMs = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;

/** By hand, since a sentence has up to hundreds of words and comes several times a second. @returns undefined: it is no word */
function wordOf(item: unknown): AsrWord | undefined {
  if (typeof item !== 'object' || item === null) return undefined;
  const { word, start_time, end_time, stable_flag } = item as Record<string, unknown>;
  if (typeof word !== 'string' || !isMs(start_time) || !isMs(end_time)) return undefined;
  return {
    text: word,
    startMs: start_time,
    endMs: Math.max(start_time, end_time),
    stable: stable_flag === 1,
  };
}

const wordsOf = (list: readonly unknown[]): AsrWord[] =>
  list.map(wordOf).filter((word) => word !== undefined);

function sentenceOf(result: v.InferOutput<typeof resultSchema>): AsrSentence | undefined {
  if (!KNOWN_SLICES.has(result.slice_type)) return undefined;
  return {
    index: result.index,
    text: result.voice_text_str,
    final: result.slice_type === SLICE_FINAL,
    startMs: result.start_time,
    endMs: Math.max(result.start_time, result.end_time),
    words: wordsOf(result.word_list),
  };
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/**
 * Reads a message. Unknown fields, a null or missing `word_list`, a missing `message_id` and words of another shape are
 * tolerated; a result with an unknown `slice_type` gives no sentence.
 * Source: Tencent Cloud 1093/48982, "接收识别结果".
 * @returns undefined where it is not a message of the protocol
 */
export function parseMessage(text: string): AsrMessage | undefined {
  const parsed = v.safeParse(messageSchema, parseJson(text));
  if (!parsed.success) return undefined;
  const { code, message, result, final } = parsed.output;
  return { code, message, sentence: result ? sentenceOf(result) : undefined, final: final === 1 };
}
