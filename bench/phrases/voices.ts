/**
 * `npm run bench:phrases:voices`: voices and speeds that are not enrolled, and sentences one word away from a phrase.
 * Needs espeak-ng and sox.
 */
import { PhraseEngine } from '../../local/asr/phrases/phrase-engine.ts';
import { loadPhraseBank } from '../../local/asr/phrases/samples.ts';
import { SAMPLES_DIR } from '../../local/asr/testing/sample-files.ts';
import { transcribe } from '../../local/asr/testing/transcribe.ts';
import { concat, silence } from '../../tools/phrase-bank/compose.ts';
import { PHRASES } from '../../tools/phrase-bank/corpus.ts';
import { type Speech, say } from '../../tools/phrase-bank/espeak.ts';

const SPEAKERS: Readonly<Record<string, Speech>> = {
  '女声 f1': { voice: '+f1' },
  '女声 f3': { voice: '+f3' },
  '男声 m3': { voice: '+m3' },
  '男声 m7': { voice: '+m7' },
  '另一种合成器 klatt': { voice: '+klatt' },
  耳语: { voice: '+whisper' },
  '语速 −20%': { wordsPerMinute: 160 },
  '语速 +15%': { wordsPerMinute: 230 },
};

/** A phrase of the bank with one word changed. */
const NEAR: readonly string[] = [
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
const hear = (text: string, speech: Speech = {}): Promise<string> =>
  transcribe(engine, concat([silence(500), say(text, speech), silence(1_300)]));

console.log('| 没有登记的声音 | 短语正确 | 认成别的短语 |\n|---|---|---|');
for (const [name, speech] of Object.entries(SPEAKERS)) {
  const heard = await Promise.all(texts.map((text) => hear(text, speech)));
  const right = heard.filter((text, i) => text === texts[i]).length;
  const wrong = heard.filter((text, i) => text !== texts[i] && texts.includes(text)).length;
  console.log(`| ${name} | ${right}/${texts.length} | ${wrong} |`);
}

console.log('\n| 只差一个词的句子 | 听成 |\n|---|---|');
for (const text of NEAR) console.log(`| ${text} | ${await hear(text)} |`);
