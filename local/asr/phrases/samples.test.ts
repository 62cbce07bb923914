import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeWav } from '../../../lib/wav.ts';
import { concat, silence } from '../testing/audio.ts';
import { readSample, SAMPLES_DIR } from '../testing/sample-files.ts';
import { transcribe } from '../testing/transcribe.ts';
import { PhraseEngine } from './phrase-engine.ts';
import { listPhrases, writePhraseList } from './phrase-list.ts';
import { BANK_FILE, loadPhraseBank } from './samples.ts';

describe('a folder of one’s own', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'samples-'));
    mkdirSync(join(folder, 'phrases'));
    for (const file of ['coffee.wav', 'coffee.txt']) {
      copyFileSync(join(SAMPLES_DIR, 'phrases', file), join(folder, 'phrases', file));
    }
    copyFileSync(join(SAMPLES_DIR, BANK_FILE), join(folder, BANK_FILE));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const put = (name: string, content: string | Uint8Array): void =>
    writeFileSync(join(folder, 'phrases', name), content);

  test('recognises a recording that has a text file', async () => {
    const { samples } = readSample('unknown/11');
    put('mine.wav', writeWav(concat([silence(300), samples, silence(300)]), 16_000));
    put('mine.txt', '洗手间在哪里？\n');
    const engine = new PhraseEngine(loadPhraseBank(folder));
    expect(await transcribe(engine, concat([silence(500), samples, silence(1_300)]))).toBe('洗手间在哪里？');
    expect(writePhraseList(folder).map(({ text }) => text)).toEqual(['我想喝一杯热咖啡。', '洗手间在哪里？']);
  });

  test('uses other voices from the bank file for its own phrases only', () => {
    expect(loadPhraseBank(folder).templates).toHaveLength(5);
    expect(loadPhraseBank(folder).texts).toEqual(['我想喝一杯热咖啡。']);
    put('coffee.txt', '我想喝一杯凉咖啡。');
    expect(loadPhraseBank(folder).templates).toHaveLength(1);
  });

  test('lists a text that was recorded twice once', () => {
    copyFileSync(join(folder, 'phrases/coffee.wav'), join(folder, 'phrases/coffee-me.wav'));
    put('coffee-me.txt', '我想喝一杯热咖啡。');
    expect(listPhrases(folder)).toHaveLength(1);
    expect(loadPhraseBank(folder).templates).toHaveLength(6);
  });

  test.each<[string, Uint8Array, string]>([
    ['is no WAV', Buffer.from('not audio'), '不是 WAV'],
    ['has another rate', writeWav(silence(1_000), 44_100), '44100'],
    ['is silent', writeWav(silence(2_000), 16_000), '没有听到说话'],
  ])('a recording that %s is named', (_, file, reason) => {
    put('bad.wav', file);
    put('bad.txt', '坏');
    expect(() => loadPhraseBank(folder)).toThrow(reason);
    expect(() => loadPhraseBank(folder)).toThrow(/bad|坏/);
  });

  test('a recording without a text file is ignored', () => {
    put('stray.wav', Buffer.from('not audio'));
    expect(listPhrases(folder)).toHaveLength(1);
  });
});
