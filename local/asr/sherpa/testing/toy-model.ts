import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FLOAT, INT64, OnnxGraph } from './onnx-writer.ts';

/**
 * A recogniser of tones in the form of a zipformer2 CTC model without trained weights, to test the connection to the engine: a
 * frame of 40 ms whose log-mel energy peaks in a token's band gives that token, any other frame blank.
 */
export const TONES: readonly (readonly [hz: number, token: string])[] = [
  [400, '你'],
  [600, '好'],
  [850, '今'],
  [1150, '天'],
  [2500, '▁HELLO'],
  [3200, '▁WORLD'],
];

/** Least log-mel energy of a band with a tone (amplitude about 0.02), and least distance from the mean of all bands, nats. */
const THRESHOLD = 1.5;
const MARGIN = 5;
const BINS = 80;
const CHUNK_FRAMES = 32;
const WINDOW_FRAMES = 45;
const VOCABULARY = TONES.length + 2;

const mel = (hz: number): number => 1127 * Math.log(1 + hz / 700);
function melBin(hz: number): number {
  const step = (mel(7600) - mel(20)) / (BINS + 1);
  return Math.round((mel(hz) - mel(20)) / step) - 1;
}
/** Compensates the pre-emphasis of the features (1 − 0.97 z⁻¹), which attenuates low tones. */
const lift = (hz: number): number =>
  -Math.log(1 + 0.97 ** 2 - 2 * 0.97 * Math.cos((2 * Math.PI * hz) / 16_000));

/** The state of one minimal encoder layer: sherpa-onnx expects these shapes; the contents are not used. */
const STATES: readonly (readonly [string, typeof FLOAT | typeof INT64, (number | string)[]])[] = [
  ['cached_key_0', FLOAT, [1, 'N', VOCABULARY]],
  ['cached_nonlin_attn_0', FLOAT, [1, 'N', 1, 3]],
  ['cached_val1_0', FLOAT, [1, 'N', 1]],
  ['cached_val2_0', FLOAT, [1, 'N', 1]],
  ['cached_conv1_0', FLOAT, ['N', 4, 1]],
  ['cached_conv2_0', FLOAT, ['N', 4, 1]],
  ['embed_states', FLOAT, ['N', 128, 3, 19]],
  ['processed_lens', INT64, ['N']],
];

/** @param matrixProducts number of products of 512 × 512 matrices that each chunk also computes, to make the model slow */
function modelFile(matrixProducts: number): Buffer {
  const graph = new OnnxGraph();
  const x = graph.input('x', FLOAT, ['N', WINDOW_FRAMES, BINS]);
  for (const state of STATES) graph.input(...state);
  const chunk = graph.op('Slice', [x, graph.ints([0]), graph.ints([CHUNK_FRAMES]), graph.ints([1])]);
  const fours = graph.op('Reshape', [chunk, graph.ints([0, -1, 4, BINS])]);
  const frames = graph.op('ReduceMean', [fours], { axes: [2], keepdims: 0 });
  let scores = scoresOf(graph, frames);
  if (matrixProducts > 0) scores = graph.op('Add', [scores, addLoad(graph, x, matrixProducts)]);
  graph.op('LogSoftmax', [scores], { axis: 2 }, 'log_probs');
  graph.output('log_probs', FLOAT, ['N', CHUNK_FRAMES / 4, VOCABULARY]);
  for (const [name, type, shape] of STATES) {
    if (type === INT64) graph.op('Add', [name, graph.ints([CHUNK_FRAMES])], {}, `new_${name}`);
    else graph.op('Identity', [name], {}, `new_${name}`);
    graph.output(`new_${name}`, type, shape);
  }
  return graph.model('tones', METADATA);
}

/** [N, F, bins] log-mel energies to [N, F, vocabulary] scores: blank, unused, tones. */
function scoresOf(graph: OnnxGraph, energies: string): string {
  const bins = TONES.flatMap(([hz]) => [melBin(hz) - 1, melBin(hz), melBin(hz) + 1]);
  const around = graph.op('Gather', [energies, graph.ints(bins, [TONES.length, 3])], { axis: 2 });
  const peak = graph.op('ReduceMax', [around], { axes: [3], keepdims: 0 });
  const band = graph.op('Add', [peak, graph.floats(TONES.map(([hz]) => lift(hz)))]);
  const mean = graph.op('ReduceMean', [energies], { axes: [2], keepdims: 1 });
  const floor = graph.op('Add', [mean, graph.floats([MARGIN])]);
  const blank = graph.op('Max', [floor, graph.floats([THRESHOLD])]);
  const unused = graph.op('Sub', [graph.op('Mul', [blank, graph.floats([0])]), graph.floats([1000])]);
  return graph.op('Concat', [blank, unused, band], { axis: 2 });
}

/** A value of about zero that costs `products` matrix products. */
function addLoad(graph: OnnxGraph, x: string, products: number): string {
  const one = graph.op('ReduceMean', [x], { axes: [0, 1, 2], keepdims: 0 });
  const size = graph.ints([512, 512]);
  const small = graph.op('Expand', [graph.op('Mul', [one, graph.floats([1e-6])]), size]);
  let product = graph.op('Expand', [one, size]);
  for (let i = 0; i < products; i++) product = graph.op('MatMul', [product, small]);
  const mean = graph.op('ReduceMean', [product], { axes: [0, 1], keepdims: 0 });
  const bounded = graph.op('Tanh', [mean]);
  return graph.op('Mul', [bounded, graph.floats([1e-20])]);
}

const METADATA = {
  model_type: 'zipformer2',
  version: 1,
  comment: 'toy tone recogniser, no trained weights',
  decode_chunk_len: CHUNK_FRAMES,
  T: WINDOW_FRAMES,
  num_encoder_layers: 1,
  encoder_dims: 4,
  cnn_module_kernels: 3,
  left_context_len: 1,
  query_head_dims: VOCABULARY,
  value_head_dims: 1,
  num_heads: 1,
};

/** Writes model.onnx and tokens.txt. */
export function writeToyModel(folder: string, { matrixProducts = 0 } = {}): void {
  mkdirSync(folder, { recursive: true });
  const tokens = ['<blk>', '<unk>', ...TONES.map(([, token]) => token)];
  writeFileSync(join(folder, 'model.onnx'), modelFile(matrixProducts));
  writeFileSync(join(folder, 'tokens.txt'), tokens.map((token, id) => `${token} ${id}\n`).join(''));
}

const RATE_HZ = 16_000;

/** Audio for tokens: tones of 240 ms with gaps of 120 ms; a number gives so many seconds of silence. */
export function renderTones(parts: readonly (string | number)[]): Int16Array {
  const pieces = parts.flatMap((part) => {
    if (typeof part === 'number') return [new Int16Array(part * RATE_HZ)];
    const hz = TONES.find(([, token]) => token === part)?.[0];
    if (hz === undefined) throw new Error(`no tone for ${part}`);
    return [tone(hz, 0.24), new Int16Array(0.12 * RATE_HZ)];
  });
  return Int16Array.from(pieces.flatMap((piece) => [...piece]));
}

function tone(hz: number, seconds: number): Int16Array {
  const length = seconds * RATE_HZ;
  const fade = 0.01 * RATE_HZ;
  return Int16Array.from({ length }, (_, i) => {
    const envelope = Math.min(1, i / fade, (length - 1 - i) / fade);
    return Math.round(9_830 * envelope * Math.sin((2 * Math.PI * hz * i) / RATE_HZ));
  });
}
