import { fileURLToPath } from 'node:url';
import { startWechatHost, type WechatHost, type WechatHostOptions } from '../wechat/host.ts';
import { findApp } from './app-folder.ts';
import { LOCAL_USERS } from './options.ts';
import { knownPhrases, sampleRecordings } from './samples.ts';

const MINIPROGRAM = fileURLToPath(new URL('../../miniprogram', import.meta.url));

/** What recognises speech: the phrase bank, a model (by its name), or the real service. */
export type SpeechSource = { kind: 'phrases' } | { kind: 'model'; name: string } | { kind: 'real' };

/** @param where the sentences that the phrase bank knows can be read */
const described = (speech: SpeechSource, phrases: number, where: string): string => {
  switch (speech.kind) {
    case 'phrases':
      return `现在只有短语库在听：认识 ${phrases} 句话（${where}），别的话只显示「〔语音 2 秒〕」。要识别任意的话：npm run asr-model，或在 .env 填腾讯云密钥，再 npm start。`;
    case 'model':
      return `识别：本机的 sherpa-onnx 模型 ${speech.name}，说什么都识别，声音不离开这台机器。`;
    case 'real':
      return '识别：腾讯云实时语音识别，说什么都识别，按时长计费。';
  }
};

type PageOptions = Pick<
  WechatHostOptions,
  'port' | 'outDir' | 'containerUrls' | 'gatewayUrl' | 'watch' | 'killContainer'
> & {
  speech: SpeechSource;
  /** Folder of another mini-program. */
  app: string | undefined;
  /** What this host lacks for it. */
  report: (line: string) => void;
};

/** Serves the mini-program to browsers, and beside it what a newcomer can try. @throws Error when there is none in the folder */
export async function startPage({ speech, app, report, ...rest }: PageOptions): Promise<WechatHost> {
  const phrases = speech.kind === 'phrases' ? await knownPhrases() : [];
  const demo = phrases.length > 0 && { demo: { phrases } };
  const users = Object.entries(LOCAL_USERS).map(([name, openid]) => ({ name: `用户 ${name}`, openid }));
  if (app === undefined)
    return startWechatHost({
      ...rest,
      ...demo,
      users,
      appDir: MINIPROGRAM,
      recogniser: described(speech, phrases.length, '手机里列着'),
      recording: { route: 'pages/realtime-voice/realtime-voice', tap: 'tapRecord' },
      samples: await sampleRecordings(),
    });
  const recogniser = described(speech, phrases.length, 'samples/meeting.txt 等');
  const host = await startWechatHost({ ...rest, ...demo, users, ...findApp(app), foreign: true, recogniser });
  for (const note of host.build.notes) report(`  ${note}`);
  return host;
}
