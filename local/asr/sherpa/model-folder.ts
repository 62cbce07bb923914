import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  FRAME_MS,
  type MetadataKind,
  PARAFORMER_CHUNK_MS,
  PARAFORMER_TAIL_MS,
  REQUIRED_METADATA,
  TAIL_MARGIN_MS,
  TONE_CHUNK_MS,
  TONE_TAIL_MS,
  TRANSDUCERS,
} from './model-kinds.ts';
import { type OnnxHead, readOnnxHead } from './onnx-head.ts';

/** A streaming model that sherpa-onnx can load, as far as can be told without loading it. */
export interface StreamingModel {
  kind: string;
  /** `modelConfig` of the recogniser. */
  config: Record<string, unknown>;
  /** Audio that one decoding takes, ms. */
  chunkMs: number;
  /** Silence needed after the last sample, ms. */
  tailMs: number;
  /** What may go wrong later, for people. */
  warnings: string[];
}

type Metadata = OnnxHead['metadata'];

/**
 * Finds out what model a folder holds, from file names and metadata. The native engine ends its process on most mistakes
 * instead of saying what is wrong; this says it first.
 * @throws {Error} with a readable reason, in Chinese
 */
export function inspectModelFolder(folder: string): StreamingModel {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw new Error(`模型目录不存在：${folder}`);
  const files = new ModelFiles(folder);
  const tokensFile = join(folder, 'tokens.txt');
  if (!existsSync(tokensFile) || !statSync(tokensFile).isFile())
    throw new Error(`缺少 tokens.txt：${folder}`);
  const tokens = readTokens(tokensFile);
  const found = identify(files);
  if (/ctc$/i.test(found.kind) && ![...tokens.values()].some((token) => BLANKS.has(token))) {
    throw new Error('tokens.txt 中没有 <blk>、<eps> 或 <blank>，与这个模型不匹配');
  }
  const missing = Array.from({ length: found.vocabulary ?? 0 }, (_, id) => id).filter(
    (id) => !tokens.has(id),
  );
  const warnings =
    missing.length > 0 ? [`tokens.txt 缺少模型所需的 ${missing.length} 个编号，识别到它们时引擎会退出`] : [];
  return {
    kind: found.kind,
    config: { ...found.config, tokens: tokensFile },
    chunkMs: found.chunkMs,
    tailMs: found.tailMs,
    warnings,
  };
}

const BLANKS = new Set(['<blk>', '<eps>', '<blank>']);

interface Found {
  kind: string;
  chunkMs: number;
  config: Record<string, unknown>;
  tailMs: number;
  vocabulary?: number;
}

function identify(files: ModelFiles): Found {
  const [encoder, decoder, joiner] = [files.part('encoder'), files.part('decoder'), files.part('joiner')];
  if (encoder && decoder && joiner) return transducer(files, encoder, decoder, joiner);
  if (encoder && decoder) return paraformer(files, encoder, decoder);
  const single = files.single();
  if (single) return ctc(files, single);
  throw new Error(`没有找到可用的模型文件（目录中有：${files.names.join('、') || '无 .onnx 文件'}）`);
}

function transducer(files: ModelFiles, encoder: string, decoder: string, joiner: string): Found {
  const { metadata } = files.head(encoder);
  const decoderHead = files.head(decoder);
  files.head(joiner);
  const config = {
    transducer: { encoder: files.path(encoder), decoder: files.path(decoder), joiner: files.path(joiner) },
  };
  if (decoderHead.outputs.length > 1) {
    requireAll(metadata, encoder, 'nemoTransducer');
    const tailMs = Number(metadata.window_size) * FRAME_MS + TAIL_MARGIN_MS;
    const chunkMs = Number(metadata.chunk_shift) * FRAME_MS;
    return { kind: 'nemo-transducer', config, chunkMs, tailMs, vocabulary: Number(metadata.vocab_size) };
  }
  const type = TRANSDUCERS.find((name) => name === metadata.model_type);
  if (!type) throw new Error(`${encoder} 不是流式 transducer（model_type "${metadata.model_type ?? ''}"）`);
  requireAll(metadata, encoder, type);
  // A wrong type ends the process: it is taken from the metadata only.
  return {
    kind: `${type}-transducer`,
    config: { ...config, modelType: type },
    chunkMs: Number(metadata.decode_chunk_len) * FRAME_MS,
    tailMs: Number(metadata.T) * FRAME_MS + TAIL_MARGIN_MS,
    vocabulary: Number(decoderHead.metadata.vocab_size ?? 0),
  };
}

function paraformer(files: ModelFiles, encoder: string, decoder: string): Found {
  const { metadata } = files.head(encoder);
  files.head(decoder);
  if (TRANSDUCERS.some((name) => name === metadata.model_type)) {
    throw new Error(`缺少 joiner*.onnx：${files.folder}`);
  }
  requireAll(metadata, encoder, 'paraformer');
  return {
    kind: 'paraformer',
    config: { paraformer: { encoder: files.path(encoder), decoder: files.path(decoder) } },
    chunkMs: PARAFORMER_CHUNK_MS,
    tailMs: PARAFORMER_TAIL_MS,
    vocabulary: Number(metadata.vocab_size),
  };
}

function ctc(files: ModelFiles, name: string): Found {
  const { metadata, outputs } = files.head(name);
  const model = { model: files.path(name) };
  if (hasAll(metadata, 'zipformer2')) {
    const size = outputs[0]?.at(-1);
    return {
      kind: 'zipformer2-ctc',
      config: { zipformer2Ctc: model },
      chunkMs: Number(metadata.decode_chunk_len) * FRAME_MS,
      tailMs: Number(metadata.T) * FRAME_MS + TAIL_MARGIN_MS,
      ...(typeof size === 'number' && { vocabulary: size }),
    };
  }
  if (hasAll(metadata, 'nemoCtc')) {
    const tailMs = Number(metadata.window_size) * FRAME_MS + TAIL_MARGIN_MS;
    return {
      kind: 'nemo-ctc',
      config: { nemoCtc: model },
      chunkMs: Number(metadata.chunk_shift) * FRAME_MS,
      tailMs,
      vocabulary: Number(metadata.vocab_size) + 1,
    };
  }
  if (hasAll(metadata, 'toneCtc'))
    return {
      kind: 't-one-ctc',
      config: { toneCtc: model },
      chunkMs: TONE_CHUNK_MS,
      tailMs: TONE_TAIL_MS,
    };
  throw new Error(
    `${name} 不是已知的流式模型（model_type "${metadata.model_type ?? ''}"，可能是非流式模型）`,
  );
}

const hasAll = (metadata: Metadata, kind: MetadataKind): boolean =>
  REQUIRED_METADATA[kind].every((key) => metadata[key]);

function requireAll(metadata: Metadata, file: string, kind: MetadataKind): void {
  const missing = REQUIRED_METADATA[kind].filter((key) => !metadata[key]);
  if (missing.length > 0) throw new Error(`${file} 不是这一类流式模型（元数据缺少 ${missing.join('、')}）`);
}

/** Token per id. @throws {Error} naming the line that is malformed: the engine would end its process */
function readTokens(path: string): Map<number, string> {
  const tokens = new Map<number, string>();
  readFileSync(path, 'utf8')
    .split('\n')
    .forEach((line, i) => {
      // ASCII blanks only: U+3000 may be a token.
      const parts = line.split(/[ \t\r\f\v]+/).filter((part) => part !== '');
      if (parts.length === 0) return;
      const id = Number(parts.at(-1));
      if (parts.length > 2 || !Number.isInteger(id)) {
        throw new Error(`tokens.txt 第 ${i + 1} 行不是“词元 编号”：${line.slice(0, 40)}`);
      }
      tokens.set(id, parts.length === 2 ? (parts[0] as string) : ' ');
    });
  if (tokens.size === 0) throw new Error('tokens.txt 是空的');
  return tokens;
}

/** The .onnx files of a folder; of several variants the int8 one is preferred. */
class ModelFiles {
  readonly folder: string;
  readonly names: string[];

  constructor(folder: string) {
    this.folder = folder;
    this.names = readdirSync(folder)
      .filter((name) => name.endsWith('.onnx') && statSync(join(folder, name)).isFile())
      .sort();
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  head(name: string): OnnxHead {
    try {
      return readOnnxHead(this.path(name));
    } catch (error) {
      throw new Error(`${name}：${(error as Error).message}`);
    }
  }

  /** Several checkpoints may share a folder: decoder and joiner go with the encoder's name. */
  part(part: 'encoder' | 'decoder' | 'joiner'): string | undefined {
    const candidates = this.names.filter((name) => name.startsWith(part));
    if (part === 'encoder') return preferred(candidates);
    const encoder = this.part('encoder');
    const mates = candidates.filter((name) => encoder !== undefined && stem(name) === stem(encoder));
    return preferred(mates.length > 0 ? mates : candidates);
  }

  single(): string | undefined {
    return preferred(
      this.names.filter(
        (name) => !/^(encoder|decoder|joiner|silero|with-state|no-state|rnn|vocos)/.test(name),
      ),
    );
  }
}

const stem = (name: string): string =>
  name.replace(/^(encoder|decoder|joiner)/, '').replace(/(\.int8|\.fp16)?\.onnx$/, '');
const preferred = (names: readonly string[]): string | undefined =>
  names.find((name) => name.includes('int8')) ?? names.find((name) => !name.includes('fp16')) ?? names[0];
