import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import appConfig from '../app.json' with { type: 'json' };
import { shareCard } from './share.ts';

test('the card opens the first page without any record, and has a picture of its own', () => {
  const { path, title, imageUrl } = shareCard();
  expect(path).toBe(`/${appConfig.pages[0]}`);
  expect(title).not.toBe('');
  const picture = readFileSync(new URL(`..${imageUrl}`, import.meta.url));
  expect(picture.subarray(1, 4).toString()).toBe('PNG');
});
