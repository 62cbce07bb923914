import { type AsrMessage, parseMessage } from '../../container/src/asr/messages.ts';
import type { AsrWord } from '../../container/src/asr/types.ts';
import type { Recording } from './recording.ts';

/** What the product's rules rest on, as far as one connection shows it. */
export interface Summary {
  scenario: string;
  /** Codes other than 0, in their order. */
  codes: number[];
  close: Recording['close'];
  /** Messages that the container could not read. */
  unreadable: number;
  /** Audio a second of wall time that the service took without complaint; null: none was sent. */
  pace: number | null;
  sentences: number;
  text: string;
  /** Words of the final sentences that have times, and words of all. */
  words: { timed: number; all: number };
  /** Of interim results: words, those that were called stable, and stable ones that were changed later in their sentence. */
  stable: { words: number; stable: number; changed: number };
  /** From the end of the audio to the last message, ms; null: there was none. */
  finalAfterMs: number | null;
}

const messagesOf = ({ received }: Recording): AsrMessage[] =>
  received.flatMap((seen) => ('message' in seen ? (parseMessage(JSON.stringify(seen.message)) ?? []) : []));

/** The words before the first that may still change. */
function stableHead(words: readonly AsrWord[]): AsrWord[] {
  const changing = words.findIndex(({ stable }) => !stable);
  return changing === -1 ? [...words] : words.slice(0, changing);
}

/** Counts the stable words of open sentences that did not stay as they were. */
function stability(messages: readonly AsrMessage[]): Summary['stable'] {
  const open = new Map<number, string[]>();
  const counts = { words: 0, stable: 0, changed: 0 };
  for (const { sentence } of messages) {
    if (!sentence) continue;
    const before = open.get(sentence.index) ?? [];
    // a final without words says nothing about them
    if (sentence.words.length > 0)
      counts.changed += before.filter((text, at) => sentence.words[at]?.text !== text).length;
    if (sentence.final) {
      open.delete(sentence.index);
      continue;
    }
    counts.words += sentence.words.length;
    const head = stableHead(sentence.words);
    counts.stable += head.length;
    open.set(
      sentence.index,
      head.map(({ text }) => text),
    );
  }
  return counts;
}

/** Reads a recording with the container's own reader. */
export function summaryOf(recording: Recording): Summary {
  const { scenario, received, close, sent } = recording;
  const messages = messagesOf(recording);
  const finals = messages.flatMap(({ sentence }) => (sentence?.final ? [sentence] : []));
  const readable = messages.length;
  const all = received.filter((seen) => !('refused' in seen)).length;
  const [last] = sent.slice(-1);
  const lastAtMs = received.at(-1)?.atMs;
  const codes = messages.flatMap(({ code }) => (code === 0 ? [] : [code]));
  const words = finals.flatMap((sentence) => sentence.words);
  return {
    scenario,
    codes,
    close,
    unreadable: all - readable,
    pace: last && last.atMs > 0 && codes.length === 0 ? round(last.audioMs / last.atMs) : null,
    sentences: finals.length,
    text: finals.map(({ text }) => text).join('\n'),
    words: { timed: words.filter(({ endMs }) => endMs > 0).length, all: words.length },
    stable: stability(messages),
    finalAfterMs: last && lastAtMs !== undefined ? Math.max(0, lastAtMs - last.atMs) : null,
  };
}

const round = (value: number): number => Math.round(value * 100) / 100;

/** For people. */
export function summaryLine({
  scenario,
  codes,
  close,
  unreadable,
  pace,
  sentences,
  stable,
  words,
}: Summary): string {
  const parts = [
    codes.length > 0 ? `错误码 ${codes.join('、')}` : '没有错误码',
    close ? `${close.atMs} 毫秒后关闭（${close.code}${close.reason ? ` ${close.reason}` : ''}）` : '没有关闭',
    ...(pace === null ? [] : [`${pace} 倍速`]),
    ...(sentences > 0 ? [`${sentences} 句，${words.timed}/${words.all} 个词有时间`] : []),
    ...(stable.words > 0
      ? [`未完句子里 ${stable.stable}/${stable.words} 个词标为稳定，其中 ${stable.changed} 个后来改了`]
      : []),
    ...(unreadable > 0 ? [`${unreadable} 条消息读不懂`] : []),
  ];
  return `${scenario}：${parts.join('；')}`;
}
