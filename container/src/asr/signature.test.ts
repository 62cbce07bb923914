import { describe, expect, it } from 'vitest';
import { signedQuery } from './signature.ts';

const keys = { appId: '1250000000', secretKey: 'SKEXAMPLE' };
/** Not in order: sorting is part of signing. */
const params = {
  voice_id: 'c64385ee-3e5c-4fc5-bbfd-7c71addb35b0',
  voice_format: 1,
  engine_model_type: '16k_zh',
  timestamp: 1_700_000_000,
  expired: 1_700_086_400,
  nonce: 1_700_000_000,
  secretid: 'AKIDEXAMPLE',
  needvad: 1,
};

describe('the signed query', () => {
  it('is sorted, with the signature last and its + / = encoded', () => {
    expect(signedQuery({ ...keys, params })).toBe(
      'engine_model_type=16k_zh&expired=1700086400&needvad=1&nonce=1700000000&secretid=AKIDEXAMPLE' +
        '&timestamp=1700000000&voice_format=1&voice_id=c64385ee-3e5c-4fc5-bbfd-7c71addb35b0' +
        '&signature=2OBrcg%2BMkaq4XUnTlM%2F5ecuDagA%3D',
    );
  });

  it('signs Chinese hot words raw and sends them encoded', () => {
    const query = signedQuery({ ...keys, params: { ...params, hotword_list: '腾讯云|10,ASR|5' } });
    expect(query).toContain('&hotword_list=%E8%85%BE%E8%AE%AF%E4%BA%91%7C10%2CASR%7C5&needvad=1&');
    expect(query).toMatch(/&signature=%2F1TbneVek7Djgc%2FmylI7S513OrI%3D$/);
  });
});
