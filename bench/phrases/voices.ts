/**
 * `npm run bench:phrases:voices`: measures recognition of voices and speeds that are not enrolled, and of sentences that differ
 * from a phrase in one word; prints Markdown tables. Needs espeak-ng and sox.
 */
import { PhraseEngine } from '../../local/asr/phrases/phrase-engine.ts';
import { loadPhraseBank } from '../../local/asr/phrases/samples.ts';
import { concat, silence } from '../../local/asr/testing/audio.ts';
import { SAMPLES_DIR } from '../../local/asr/testing/sample-files.ts';
import { transcribe } from '../../local/asr/testing/transcribe.ts';
import { runTool } from '../../tools/cli.ts';
import { PHRASES } from '../../tools/phrase-bank/corpus.ts';
import { synthesise, type VoiceOptions } from '../../tools/phrase-bank/espeak.ts';

const VOICES: Readonly<Record<string, VoiceOptions>> = {
  '女声 f1': { voice: '+f1' },
  '女声 f3': { voice: '+f3' },
  '男声 m2': { voice: '+m2' },
  '男声 m3': { voice: '+m3' },
  '男声 m7': { voice: '+m7' },
  '男声 m8': { voice: '+m8' },
  '另一种合成器 klatt': { voice: '+klatt' },
  耳语: { voice: '+whisper' },
  '语速 −20%': { wordsPerMinute: 160 },
  '语速 +15%': { wordsPerMinute: 230 },
};

/** Phrases of the bank with one word changed. */
const NEAR_MISSES: readonly string[] = [
  '请李经理介绍项目进展',
  '我不同意这个意见',
  '预算方案还没有通过',
  '今天的会议现在结束',
  '月初之前完成测试',
  '下周二上午十点继续讨论',
  '我想喝一杯热牛奶',
  '帮我订一张去北京的火车票',
  '打开空调',
  '明天下午发会议记录',
  '周末一起去游泳',
  '这个问题由市场部负责',
];

const engine = new PhraseEngine(loadPhraseBank(SAMPLES_DIR));
const texts = Object.values(PHRASES);
const recognise = (text: string, voice: VoiceOptions = {}): Promise<string> =>
  transcribe(engine, concat([silence(500), synthesise(text, voice), silence(1_300)]));

await runTool(
  {
    command: 'npm run -s bench:phrases:voices --',
    summary: '测量没有登记过的声音与语速认得多少，打印 Markdown 表格；需要 espeak-ng 与 sox',
    options: {},
  },
  '正在测量',
  async () => {
    console.log('| 没有登记的声音 | 短语正确 | 认成别的短语 |\n|---|---|---|');
    for (const [name, voice] of Object.entries(VOICES)) {
      const recognised = await Promise.all(texts.map((text) => recognise(text, voice)));
      const right = recognised.filter((text, i) => text === texts[i]).length;
      const wrong = recognised.filter((text, i) => text !== texts[i] && texts.includes(text)).length;
      console.log(`| ${name} | ${right}/${texts.length} | ${wrong} |`);
    }
    console.log('\n| 只差一个词的句子 | 听成 |\n|---|---|');
    for (const text of NEAR_MISSES) console.log(`| ${text} | ${await recognise(text)} |`);
  },
);
