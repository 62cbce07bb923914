import { wordsOf } from '../services/error-words.ts';
import { codeOf } from '../services/local-errors.ts';

/** What went wrong on a page that shows stored data. */
export interface Problem {
  title: string;
  hint: string;
}

/**
 * An error in the words of a page that reads: the words of a running recording ("the text will go on appearing") would be
 * wrong here.
 */
export function problemOf(error: unknown): Problem {
  if (codeOf(error) === 'STORE_UNAVAILABLE')
    return { title: '暂时读不到数据', hint: '数据库没有应答，请稍后重试。' };
  const { title, hint } = wordsOf(error);
  return { title, hint };
}
