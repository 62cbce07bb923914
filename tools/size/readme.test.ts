import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../root.ts';
import { LIMITS, type Size } from './measure.ts';

const { client, added, 'container-socket': socket } = LIMITS;
const shown = ({ min, gzip }: Size): string => `${min.toLocaleString('en')} / ${gzip.toLocaleString('en')}`;

it.each(['README.md', 'README.en.md'])('%s of the package shows the limits that are held', (name) => {
  const text = readFileSync(join(ROOT, 'miniprogram/client', name), 'utf8');
  const rows = [...text.matchAll(/^\| .* \| ([\d,]+ \/ [\d,]+) \|$/gm)].map(([, sizes]) => sizes);
  expect(rows).toEqual([client, added, added, socket].map(shown));
});
