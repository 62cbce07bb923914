import { join } from 'node:path';
import { ROOT } from '../root.ts';
import type { Measured } from './measure.ts';

/** A badge in the README of a package: which measured size it shows. */
export const BADGES: readonly { file: string; measured: string }[] = [
  { file: join(ROOT, 'miniprogram/client/size.svg'), measured: 'client' },
  { file: join(ROOT, 'miniprogram/voice/size.svg'), measured: 'voice' },
];

/** Of a letter at 11 px, about. */
const LETTER_PX = 6.5;
const PADDING_PX = 12;
const LABEL = 'min + gzip';

/** A picture that says how large something is, in tenths of a KB (1,000 bytes). */
export function badgeOf(measured: readonly Measured[], name: string): string {
  const found = measured.find((one) => one.name === name);
  if (!found) throw new Error(`没有量 ${name}`);
  const text = `${(found.size.gzip / 1000).toFixed(1)} KB`;
  const left = Math.round(LABEL.length * LETTER_PX + PADDING_PX);
  const right = Math.round(text.length * LETTER_PX + PADDING_PX);
  const write = (x: number, words: string): string =>
    `<text x="${x}" y="14" text-anchor="middle">${words}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="${LABEL}: ${text}">
<rect width="${left + right}" height="20" rx="3" fill="#4d5462"/>
<path d="M${left} 0h${right - 3}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3H${left}z" fill="#2f55d4"/>
<g fill="#fff" font-family="Verdana,Geneva,sans-serif" font-size="11">${write(left / 2, LABEL)}${write(left + right / 2, text)}</g>
</svg>
`;
}
