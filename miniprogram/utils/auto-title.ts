import { cutText } from '../../contract/text.ts';

/** Most of the text that a title takes, UTF-16 units; Latin letters are half as wide. */
const MAX_WORDS_CHARS = 14;
const MAX_LATIN_CHARS = 28;
/** Shorter words say too little: the next clause is added to them. */
const MIN_WORDS_CHARS = 4;

/** The parts of a day, each from its hour on. */
const PARTS: readonly [fromHour: number, name: string][] = [
  [18, '晚上'],
  [13, '下午'],
  [11, '中午'],
  [8, '上午'],
  [5, '早上'],
  [0, '凌晨'],
];
const WEEKDAYS = ['日', '一', '二', '三', '四', '五', '六'] as const;

/** `周五上午`, in the phone's time zone: what its clock showed. */
export function partOfDay(epochMs: number): string {
  const at = new Date(epochMs);
  const part = PARTS.find(([fromHour]) => at.getHours() >= fromHour);
  return `周${WEEKDAYS[at.getDay()]}${part?.[1]}`;
}

const CLAUSE_END = /[，。！？；：、…,.!?;:\n\r〔〕]+|\s+-+\s+/;
/** Said before something is said: removed from the beginning of a clause, however many there are. */
const FILLER =
  /^(?:[嗯呃额啊哦唉诶欸哎噢哼]+|那个|这个|就是说|就是(?!否)|然后|好的|好吧|好了|那么|那好|是的|对对+|所以说|怎么说呢|你知道|uh+|um+|er+|well|okay|ok|so)(?![a-z])\s*/i;
/** A clause of nothing but this says nothing. */
const EMPTY_CLAUSE =
  /^(?:[好对是行喂嘿那啊哈]+|大家好|各位好|你好|您好|同学们好|早上好|上午好|下午好|晚上好|可以|没错|谢谢|请|hi|hello|hey|yes|yeah|right|thanks?)(?:大家|各位|啊|呀|哈|吧|的|了)?$/i;

function withoutFillers(clause: string): string {
  let rest = clause.trim();
  for (let before = ''; before !== rest; ) {
    before = rest;
    rest = rest.replace(FILLER, '').trim();
  }
  return EMPTY_CLAUSE.test(rest) ? '' : rest;
}

const LATIN = /^[A-Za-z0-9\u00c0-\u024f]$/;

/** The beginning of `text` with at most `maxChars`, not ending in the middle of a Latin word. */
function cutWords(text: string, maxChars: number): string {
  const cut = cutText(text, maxChars);
  if (cut === text) return text;
  const inWord = LATIN.test(cut.slice(-1)) && LATIN.test(text.charAt(cut.length));
  const space = cut.lastIndexOf(' ');
  return `${(inWord && space > 0 ? cut.slice(0, space) : cut).trim()}…`;
}

/** The first words of a text that say something; empty where there are none. */
export function firstWords(text: string): string {
  let words = '';
  for (const clause of text.split(CLAUSE_END)) {
    const rest = withoutFillers(clause);
    if (rest === '') continue;
    words += words !== '' && LATIN.test(words.slice(-1)) ? ` ${rest}` : rest;
    if (words.length >= MIN_WORDS_CHARS) break;
  }
  return cutWords(words, LATIN.test(words.charAt(0)) ? MAX_LATIN_CHARS : MAX_WORDS_CHARS);
}

/** The title of a session that nobody has named: when it was and what it is about, `周五上午 · 项目进展`. */
export function autoTitle({ startedAt, preview }: { startedAt: number; preview: string }): string {
  return `${partOfDay(startedAt)} · ${firstWords(preview) || '没有文字'}`;
}
