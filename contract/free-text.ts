import * as v from 'valibot';
import { isWellFormed } from './text.ts';

/** Text that people type, of at most `maxChars` UTF-16 units after spaces at its ends are removed. */
export const freeText = (maxChars: number) =>
  v.pipe(v.string(), v.check(isWellFormed, 'not well-formed UTF-16'), v.trim(), v.maxLength(maxChars));
