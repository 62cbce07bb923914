import { fileURLToPath } from 'node:url';
import { startWechatHost, type WechatHost, type WechatHostOptions } from '../wechat/host.ts';
import { LOCAL_USERS } from './options.ts';
import { knownPhrases, sampleRecordings } from './samples.ts';

const MINIPROGRAM = fileURLToPath(new URL('../../miniprogram', import.meta.url));

/** What recognises speech: the phrase bank, a model (by its name), or the real service. */
export type SpeechSource = { kind: 'phrases' } | { kind: 'model'; name: string } | { kind: 'real' };

const described = (speech: SpeechSource, phrases: number): string => {
  switch (speech.kind) {
    case 'phrases':
      return `现在只有短语库在听：认识 ${phrases} 句话（手机里列着），别的话只显示「〔语音 2 秒〕」。要识别任意的话：npm run asr-model，或在 .env 填腾讯云密钥，再 npm start。`;
    case 'model':
      return `识别：本机的 sherpa-onnx 模型 ${speech.name}，说什么都识别，声音不离开这台机器。`;
    case 'real':
      return '识别：腾讯云实时语音识别，说什么都识别，按时长计费。';
  }
};

/** Serves the mini-program to browsers, and beside it what a newcomer can try. */
export async function startPage(
  options: Pick<
    WechatHostOptions,
    'port' | 'outDir' | 'containerUrls' | 'gatewayUrl' | 'watch' | 'killContainer'
  > & { speech: SpeechSource },
): Promise<WechatHost> {
  const { speech, ...rest } = options;
  const phrases = speech.kind === 'phrases' ? await knownPhrases() : [];
  return startWechatHost({
    ...rest,
    appDir: MINIPROGRAM,
    users: Object.entries(LOCAL_USERS).map(([name, openid]) => ({ name: `用户 ${name}`, openid })),
    recogniser: described(speech, phrases.length),
    recording: { route: 'pages/realtime-voice/realtime-voice', tap: 'tapRecord' },
    samples: await sampleRecordings(),
    ...(phrases.length > 0 && { demo: { phrases } }),
  });
}
