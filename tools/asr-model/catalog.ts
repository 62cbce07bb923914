/** The release of sherpa-onnx that holds the models. */
export const RELEASE_URL = 'https://github.com/k2-fsa/sherpa-onnx/releases/download/asr-models';

/** A published model: one `.tar.bz2`, with one folder in it. */
export interface PublishedModel {
  /** Name of the archive without `.tar.bz2`, and of the folder in which it is installed. */
  name: string;
  /** Length of the archive. */
  bytes: number;
  /** Of the archive, as the release's `checksum.txt` has it. */
  sha256: string;
  /** Files of the archive that are installed; the others are larger variants of these, scripts and recordings. */
  files: readonly string[];
  /** What they take on the disk. */
  installedBytes: number;
  /** For people. */
  described: string;
}

/**
 * Streaming models for Mandarin and English, by the name that `--model` takes. Lengths and checksums were read in public
 * repositories that had downloaded them (several agree on each); they were not downloaded here.
 */
export const MODELS = {
  'x-asr': {
    name: 'sherpa-onnx-x-asr-480ms-streaming-zipformer-transducer-zh-en-punct-int8-2026-06-05',
    bytes: 133_895_136,
    sha256: 'fa5f63d618e5a01526e275a358bb7772e403f84808a4769fba52cffd8160bf74',
    files: ['encoder.int8.onnx', 'decoder.onnx', 'joiner.int8.onnx', 'tokens.txt'],
    installedBytes: 170_000_000,
    described: '中英混说，带标点；下载 128 MB（默认）',
  },
  small: {
    name: 'sherpa-onnx-streaming-zipformer-small-bilingual-zh-en-2023-02-16',
    bytes: 458_187_351,
    sha256: '2b7c63322b32e5e0f2526043a1103366119ca58dd615cd7105a37c01db9553d7',
    files: [
      'encoder-epoch-99-avg-1.int8.onnx',
      'decoder-epoch-99-avg-1.onnx',
      'joiner-epoch-99-avg-1.int8.onnx',
      'tokens.txt',
    ],
    installedBytes: 61_000_000,
    described: '中英混说，没有标点，计算量小；下载 437 MB，装好后 58 MB',
  },
} as const satisfies Record<string, PublishedModel>;
