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
import { type OnnxMetadata, readOnnxMetadata } from './onnx-metadata.ts';

/** A streaming model that sherpa-onnx can load, as far as this can be found out without loading it. */
export interface StreamingModel {
  kind: string;
  /** `modelConfig` of the recogniser. */
  config: Record<string, unknown>;
  /** Audio per decoding step, ms. */
  chunkMs: number;
  /** Silence that must follow the last sample, so that the last token is recognised, ms. */
  tailMs: number;
  /** Possible problems, for users. */
  warnings: string[];
}

type Metadata = OnnxMetadata['metadata'];

/**
 * Identifies the model in a folder from file names and metadata, and checks it: on most problems the native engine ends its
 * process without an error message.
 * @throws {Error} with the reason, in Chinese, for users
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

/** Names of the CTC blank token. */
const BLANKS = new Set(['<blk>', '<eps>', '<blank>']);

interface IdentifiedModel {
  kind: string;
  chunkMs: number;
  config: Record<string, unknown>;
  tailMs: number;
  /** Number of token ids, where the model says it. */
  vocabulary?: number;
}

function identify(files: ModelFiles): IdentifiedModel {
  const [encoder, decoder, joiner] = [files.part('encoder'), files.part('decoder'), files.part('joiner')];
  if (encoder && decoder && joiner) return transducer(files, encoder, decoder, joiner);
  if (encoder && decoder) return paraformer(files, encoder, decoder);
  const single = files.single();
  if (single) return ctc(files, single);
  throw new Error(`没有找到可用的模型文件（目录中有：${files.names.join('、') || '无 .onnx 文件'}）`);
}

function transducer(files: ModelFiles, encoder: string, decoder: string, joiner: string): IdentifiedModel {
  const { metadata } = files.metadata(encoder);
  const decoderModel = files.metadata(decoder);
  files.metadata(joiner);
  const config = {
    transducer: { encoder: files.path(encoder), decoder: files.path(decoder), joiner: files.path(joiner) },
  };
  if (decoderModel.outputs.length > 1) {
    requireAll(metadata, encoder, 'nemoTransducer');
    const tailMs = Number(metadata.window_size) * FRAME_MS + TAIL_MARGIN_MS;
    const chunkMs = Number(metadata.chunk_shift) * FRAME_MS;
    return { kind: 'nemo-transducer', config, chunkMs, tailMs, vocabulary: Number(metadata.vocab_size) };
  }
  const type = TRANSDUCERS.find((name) => name === metadata.model_type);
  if (!type) throw new Error(`${encoder} 不是流式 transducer（model_type "${metadata.model_type ?? ''}"）`);
  requireAll(metadata, encoder, type);
  // always from the metadata: with a wrong type the engine ends its process
  return {
    kind: `${type}-transducer`,
    config: { ...config, modelType: type },
    chunkMs: Number(metadata.decode_chunk_len) * FRAME_MS,
    tailMs: Number(metadata.T) * FRAME_MS + TAIL_MARGIN_MS,
    vocabulary: Number(decoderModel.metadata.vocab_size ?? 0),
  };
}

function paraformer(files: ModelFiles, encoder: string, decoder: string): IdentifiedModel {
  const { metadata } = files.metadata(encoder);
  files.metadata(decoder);
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

function ctc(files: ModelFiles, name: string): IdentifiedModel {
  const { metadata, outputs } = files.metadata(name);
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

/** Token per id. @throws {Error} that names a malformed line, at which the engine would end its process */
function readTokens(path: string): Map<number, string> {
  const tokens = new Map<number, string>();
  readFileSync(path, 'utf8')
    .split('\n')
    .forEach((line, i) => {
      // ASCII white space only, because U+3000 may be a token
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

/** The .onnx files of a folder. Of several variants of a file the int8 one is preferred. */
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

  metadata(name: string): OnnxMetadata {
    try {
      return readOnnxMetadata(this.path(name));
    } catch (error) {
      throw new Error(`${name}：${(error as Error).message}`);
    }
  }

  /** A folder may hold several checkpoints: decoder and joiner are those with the encoder's suffix. */
  part(part: 'encoder' | 'decoder' | 'joiner'): string | undefined {
    const candidates = this.names.filter((name) => name.startsWith(part));
    if (part === 'encoder') return preferred(candidates);
    const encoder = this.part('encoder');
    const sameCheckpoint = candidates.filter(
      (name) => encoder !== undefined && checkpointOf(name) === checkpointOf(encoder),
    );
    return preferred(sameCheckpoint.length > 0 ? sameCheckpoint : candidates);
  }

  /** The file of a model that consists of one. */
  single(): string | undefined {
    return preferred(
      this.names.filter(
        (name) => !/^(encoder|decoder|joiner|silero|with-state|no-state|rnn|vocos)/.test(name),
      ),
    );
  }
}

const checkpointOf = (name: string): string =>
  name.replace(/^(encoder|decoder|joiner)/, '').replace(/(\.int8|\.fp16)?\.onnx$/, '');
const preferred = (names: readonly string[]): string | undefined =>
  names.find((name) => name.includes('int8')) ?? names.find((name) => !name.includes('fp16')) ?? names[0];
