import type { AsrEngine, Recogniser, RecogniserEvents, RecogniserOptions } from '../engine/recogniser.ts';
import type { PhraseBank } from './bank.ts';
import { PhraseRecogniser } from './phrase-recogniser.ts';

/**
 * A closed-set template matcher for demonstrations and tests: it recognises the enrolled phrases from the audio and
 * answers all other speech with `〔语音 N 秒〕`.
 */
export class PhraseEngine implements AsrEngine {
  readonly name = '短语库（演示与测试用）';
  readonly bank: PhraseBank;

  constructor(bank: PhraseBank) {
    this.bank = bank;
  }

  lagMs(): number {
    return 0;
  }

  open(events: RecogniserEvents, options: RecogniserOptions): Recogniser {
    return new PhraseRecogniser(this.bank, events, options);
  }

  async close(): Promise<void> {}
}
