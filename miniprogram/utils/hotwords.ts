import {
  hotwordBytes,
  MAX_HOTWORD_CHARS,
  MAX_HOTWORD_CJK_CHARS,
  MAX_HOTWORDS,
  MAX_HOTWORDS_BYTES,
} from '../../contract/limits.ts';
import type { Hotword } from '../../contract/stream.ts';

const CJK = /[\u3400-\u9fff\uf900-\ufaff]/g;
const DEFAULT_WEIGHT = 10;

export interface ParsedHotwords {
  hotwords: Hotword[];
  /** Entries that were left out, and why, in Chinese. */
  problems: string[];
}

/** Whether the text is valid Unicode: half a surrogate pair cannot be encoded in UTF-8. */
function isWellFormed(text: string): boolean {
  try {
    encodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Parses hot words as the user types them: separated by lines, commas or spaces, each `词` or `词|权重` (1–11, or 100).
 * Entries that the service would refuse are left out and reported, so that a typing error does not fail the recording.
 */
export function parseHotwords(text: string): ParsedHotwords {
  const hotwords = new Map<string, Hotword>();
  const problems: string[] = [];
  for (const entry of text.split(/[\s,，、;；]+/).filter(Boolean)) {
    const [word = '', weightText, ...more] = entry.split(/[|｜]/);
    const weight = weightText === undefined ? DEFAULT_WEIGHT : Number(weightText);
    if (!isWellFormed(word)) problems.push('有一个词含有残缺的字符，请重新输入');
    else if (word === '' || more.length > 0) problems.push(`「${entry}」格式应为 词 或 词|权重`);
    else if (!(Number.isInteger(weight) && ((weight >= 1 && weight <= 11) || weight === 100))) {
      problems.push(`「${word}」的权重应为 1–11 或 100`);
    } else if (word.length > MAX_HOTWORD_CHARS || (word.match(CJK)?.length ?? 0) > MAX_HOTWORD_CJK_CHARS) {
      problems.push(`「${word}」过长：最多 ${MAX_HOTWORD_CJK_CHARS} 个汉字或 ${MAX_HOTWORD_CHARS} 个字母`);
    } else hotwords.set(word, { word, weight });
  }
  const all: Hotword[] = [];
  let bytes = 0;
  for (const hotword of hotwords.values()) {
    bytes += hotwordBytes(hotword.word, hotword.weight);
    if (bytes <= MAX_HOTWORDS_BYTES) all.push(hotword);
  }
  if (all.length < hotwords.size)
    problems.push(`合计过长：最多约 600 个汉字，后面的 ${hotwords.size - all.length} 个不生效`);
  if (all.length > MAX_HOTWORDS)
    problems.push(`最多 ${MAX_HOTWORDS} 个，后面的 ${all.length - MAX_HOTWORDS} 个不生效`);
  return { hotwords: all.slice(0, MAX_HOTWORDS), problems };
}
