import { concat, silence } from '../testing/audio.ts';
import { describeRecogniser } from '../testing/recogniser-contract.ts';
import { readSample, SAMPLES_DIR } from '../testing/sample-files.ts';
import { PhraseEngine } from './phrase-engine.ts';
import { loadPhraseBank } from './samples.ts';

const engine = new PhraseEngine(loadPhraseBank(SAMPLES_DIR));
const spoken = ['phrases/weather', 'phrases/good-night', 'phrases/noodles'].map(readSample);

describeRecogniser('the phrase bank', {
  engine: () => engine,
  speech: concat([silence(400), ...spoken.flatMap(({ samples }) => [samples, silence(700)])]),
  texts: spoken.map(({ text }) => text),
});
