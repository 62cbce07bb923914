import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { startWechatHost, type WechatHost } from '../wechat/host.ts';
import { LOCAL_USERS } from './options.ts';

const MINIPROGRAM = fileURLToPath(new URL('../../miniprogram', import.meta.url));
const PHRASES = fileURLToPath(new URL('../../samples/phrases.json', import.meta.url));
const phrasesSchema = v.array(v.object({ text: v.string() }));

/** The sentences that the local speech service's phrase bank knows. */
const knownPhrases = async (): Promise<string[]> =>
  v.parse(phrasesSchema, JSON.parse(await readFile(PHRASES, 'utf8'))).map(({ text }) => text);

/** Serves the mini-program to browsers. `phraseBank`: the page says which sentences can be read aloud. */
export async function startPage(options: {
  port: number;
  outDir: string;
  containerUrls: () => readonly string[];
  gatewayUrl: string;
  phraseBank: boolean;
  watch: boolean;
}): Promise<WechatHost> {
  const { phraseBank, ...rest } = options;
  return startWechatHost({
    ...rest,
    appDir: MINIPROGRAM,
    users: Object.entries(LOCAL_USERS).map(([name, openid]) => ({ name: `用户 ${name}`, openid })),
    ...(phraseBank && { demo: { phrases: await knownPhrases() } }),
  });
}
