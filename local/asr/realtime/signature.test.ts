import { expect, test } from 'vitest';
import { sign, stringToSign, timingSafeEqualText } from './signature.ts';

const pairsOf = (query: string) => [...new URLSearchParams(query)];
const BASE =
  'engine_model_type=16k_zh&expired=1700086400&needvad=1&nonce=1700000000&secretid=AKIDEXAMPLE&timestamp=1700000000&voice_format=1&voice_id=c64385ee-3e5c-4fc5-bbfd-7c71addb35b0';

test('the documented example signs to the value that official SDKs give', () => {
  const text = stringToSign('1250000000', pairsOf(`${BASE}&signature=ignored`));
  expect(text).toBe(`asr.cloud.tencent.com/asr/v2/1250000000?${BASE}`);
  expect(sign(text, 'SKEXAMPLE')).toBe('2OBrcg+Mkaq4XUnTlM/5ecuDagA=');
});

test('values are signed decoded, in the order of their names, unknown ones too', () => {
  const query = `voice_id=1&hotword_list=%E8%85%BE%E8%AE%AF%E4%BA%91%7C10%2CASR%7C5&zzz=x+y&expired=2`;
  expect(stringToSign('7', pairsOf(query))).toBe(
    'asr.cloud.tencent.com/asr/v2/7?expired=2&hotword_list=腾讯云|10,ASR|5&voice_id=1&zzz=x y',
  );
});

test('the example with Chinese hot words signs to the value that official SDKs give', () => {
  const query = BASE.replace('&needvad', '&hotword_list=%E8%85%BE%E8%AE%AF%E4%BA%91%7C10%2CASR%7C5&needvad');
  expect(sign(stringToSign('1250000000', pairsOf(query)), 'SKEXAMPLE')).toBe('/1TbneVek7Djgc/mylI7S513OrI=');
});

test('texts of different length are not equal', () => {
  expect(timingSafeEqualText('ab', 'abc')).toBe(false);
  expect(timingSafeEqualText('abc', 'abc')).toBe(true);
});
