import type { FaultDecision } from '../faults.ts';
import { type Refusal, refusalMessage } from './codes.ts';
import type { StreamParams } from './params.ts';
import type { Slice, SliceWord } from './sentences.ts';

/** A message of the service to its client. Source: Tencent Cloud 1093/48982, "响应参数". */
export interface ServerMessage {
  code: number;
  message: string;
  voice_id: string;
  message_id?: string;
  result?: ResultBody;
  final?: 1;
}

interface ResultBody {
  slice_type: 0 | 1 | 2;
  index: number;
  start_time: number;
  end_time: number;
  voice_text_str: string;
  word_size: number;
  word_list: { word: string; start_time: number; end_time: number; stable_flag: 0 | 1 }[] | null;
  emotion_type?: null;
}

/** Builds and numbers the messages of one stream. */
export class MessageBuilder {
  readonly #voiceId: string;
  #count = 0;

  constructor(voiceId: string) {
    this.#voiceId = voiceId;
  }

  handshake(): ServerMessage {
    return { code: 0, message: 'success', voice_id: this.#voiceId };
  }

  result(slice: Slice, params: StreamParams, faults: FaultDecision): ServerMessage {
    const words = wordsOf(slice, params.wordInfo);
    const result: ResultBody = {
      slice_type: slice.type,
      index: slice.index,
      start_time: slice.startMs,
      end_time: slice.endMs,
      voice_text_str: textOf(slice, params),
      word_size: words.length,
      word_list: faults.get('null-word-list') ? null : words,
    };
    if (faults.get('extra-fields')) result.emotion_type = null;
    return { ...this.#numbered(`_${slice.index}`), result };
  }

  final(): ServerMessage {
    return { ...this.#numbered(), final: 1 };
  }

  error(refusal: Refusal): ServerMessage {
    return { ...this.#numbered(), code: refusal.code, message: refusalMessage(refusal) };
  }

  #numbered(suffix = ''): ServerMessage {
    const message_id = `${this.#voiceId}_${this.#count++}${suffix}`;
    return { code: 0, message: 'success', voice_id: this.#voiceId, message_id };
  }
}

const PUNCTUATION = /^[\p{P}\s]+$/u;

/** The words of a result; `word_info` 1 leaves out punctuation. */
function wordsOf(slice: Slice, wordInfo: StreamParams['wordInfo']): NonNullable<ResultBody['word_list']> {
  if (wordInfo === 0) return [];
  const keep = (word: SliceWord): boolean => wordInfo !== 1 || !PUNCTUATION.test(word.text);
  return slice.words.filter(keep).map(({ text, startMs, endMs, stable }) => ({
    word: text.trim(),
    start_time: startMs,
    end_time: endMs,
    stable_flag: stable ? 1 : 0,
  }));
}

/** The text of a result; `filter_punc` 1 removes the full stop at the end of a sentence. */
function textOf(slice: Slice, params: StreamParams): string {
  // in languages with spaces the first word begins with the space that separates it from the previous sentence
  const text = slice.text.trimStart();
  return params.filterPunctuation && slice.type === 2 ? text.replace(/。$/, '') : text;
}
