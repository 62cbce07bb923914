import type { AsrEngine, Recogniser } from '../engine/recogniser.ts';
export class SherpaEngine implements AsrEngine {
  readonly name = 'sherpa-onnx';
  static async load(folder: string): Promise<SherpaEngine> {
    throw new Error(`not available: ${folder}`);
  }
  lagMs(): number {
    return 0;
  }
  open(): Recogniser {
    throw new Error('not available');
  }
  async close(): Promise<void> {}
}
