import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { inspectModelFolder } from './model-folder.ts';
import { OnnxGraph } from './testing/onnx-writer.ts';
import { TONES, writeToyModel } from './testing/toy-model.ts';

const root = mkdtempSync(join(tmpdir(), 'model-folder-'));
afterAll(() => rmSync(root, { recursive: true }));

let folders = 0;
/** A folder with the toy model, modified. */
function folder(change: (path: (name: string) => string) => void = () => {}): string {
  const dir = join(root, String(folders++));
  writeToyModel(dir);
  change((name) => join(dir, name));
  return dir;
}

/** A model file that has only metadata and outputs. */
function modelWith(metadata: Record<string, string | number>, outputs = 1): Buffer {
  const graph = new OnnxGraph();
  graph.input('x', 1, [1]);
  for (let i = 0; i < outputs; i++) graph.op('Identity', ['x'], {}, `y${i}`);
  for (let i = 0; i < outputs; i++) graph.output(`y${i}`, 1, [1]);
  return graph.model('empty', metadata);
}

test('a zipformer2 CTC model is identified by its metadata, with the silence that it needs', () => {
  const dir = folder();
  expect(inspectModelFolder(dir)).toEqual({
    kind: 'zipformer2-ctc',
    config: { zipformer2Ctc: { model: join(dir, 'model.onnx') }, tokens: join(dir, 'tokens.txt') },
    chunkMs: 320,
    tailMs: 650,
    warnings: [],
  });
});

test('of several variants the int8 one is chosen, with decoder and joiner of the same checkpoint', () => {
  const dir = folder((path) => {
    rmSync(path('model.onnx'));
    const encoder = modelWith({
      model_type: 'lstm',
      num_encoder_layers: 1,
      T: 9,
      decode_chunk_len: 4,
      rnn_hidden_size: 1,
      d_model: 1,
    });
    for (const stem of ['-epoch-1', '-epoch-2.int8']) {
      writeFileSync(path(`encoder${stem}.onnx`), encoder);
      writeFileSync(
        path(`decoder${stem.replace('.int8', '')}.onnx`),
        modelWith({ vocab_size: 8, context_size: 2 }),
      );
      writeFileSync(path(`joiner${stem}.onnx`), modelWith({}));
    }
  });
  const { kind, config, tailMs } = inspectModelFolder(dir);
  expect({ kind, tailMs }).toEqual({ kind: 'lstm-transducer', tailMs: 290 });
  expect(config).toMatchObject({
    modelType: 'lstm',
    transducer: {
      encoder: join(dir, 'encoder-epoch-2.int8.onnx'),
      decoder: join(dir, 'decoder-epoch-2.onnx'),
      joiner: join(dir, 'joiner-epoch-2.int8.onnx'),
    },
  });
});

test('tokens that the model has and tokens.txt lacks give a warning', () => {
  const dir = folder((path) => writeFileSync(path('tokens.txt'), '<blk> 0\n<unk> 1\n'));
  expect(inspectModelFolder(dir).warnings).toEqual([
    expect.stringContaining(`缺少模型所需的 ${TONES.length} 个编号`),
  ]);
});

describe('is refused with its reason:', () => {
  test.each<[string, () => string, string]>([
    ['no folder', () => join(root, 'nowhere'), '模型目录不存在'],
    [
      'an empty folder',
      () => {
        const dir = join(root, 'empty');
        mkdirSync(dir);
        return dir;
      },
      '缺少 tokens.txt',
    ],
    ['no model', () => folder((path) => rmSync(path('model.onnx'))), '没有找到可用的模型文件'],
    ['no tokens.txt', () => folder((path) => rmSync(path('tokens.txt'))), '缺少 tokens.txt'],
    [
      'an empty tokens.txt',
      () => folder((path) => writeFileSync(path('tokens.txt'), '')),
      'tokens.txt 是空的',
    ],
    [
      'a malformed line',
      () => folder((path) => writeFileSync(path('tokens.txt'), '<blk> 0\na b c\n')),
      '第 2 行',
    ],
    ['no blank', () => folder((path) => writeFileSync(path('tokens.txt'), 'a 0\nb 1\n')), '没有 <blk>'],
    [
      'an empty model',
      () => folder((path) => writeFileSync(path('model.onnx'), '')),
      'model.onnx：文件是空的',
    ],
    ['a truncated model', () => folder((path) => truncateSync(path('model.onnx'), 1_300)), 'model.onnx：'],
    [
      'a Git LFS pointer',
      () =>
        folder((path) => writeFileSync(path('model.onnx'), 'version https://git-lfs.github.com/spec/v1\n')),
      'model.onnx：',
    ],
    [
      'a model that is not streaming',
      () => folder((path) => writeFileSync(path('model.onnx'), modelWith({ model_type: 'sense_voice' }))),
      '可能是非流式模型',
    ],
    [
      'a model without one of its keys',
      () =>
        folder((path) => {
          const bytes = readFileSync(path('model.onnx'));
          bytes.write('xum', bytes.indexOf('num_encoder_layers'));
          writeFileSync(path('model.onnx'), bytes);
        }),
      '不是已知的流式模型',
    ],
    [
      'a transducer without joiner',
      () =>
        folder((path) => {
          rmSync(path('model.onnx'));
          writeFileSync(path('encoder.onnx'), modelWith({ model_type: 'zipformer2' }));
          writeFileSync(path('decoder.onnx'), modelWith({}));
        }),
      '缺少 joiner',
    ],
  ])('%s', (_, make, reason) => {
    expect(() => inspectModelFolder(make())).toThrow(reason);
  });
});
