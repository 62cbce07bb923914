/**
 * The process of the native engine, which is separate because the engine ends its process on most errors, without an
 * exception. Exchanges the messages `ToEngine` and `FromEngine` with its parent, and exits when the parent disconnects.
 */
import { createRequire } from 'node:module';
import { ENGINE_RATE_HZ } from '../recogniser.ts';
import type { FromEngine, ToEngine } from './engine-process.ts';
import { type NativeRecogniser, NativeStream } from './native-stream.ts';

interface SherpaOnnx {
  OnlineRecognizer: new (config: Record<string, unknown>) => NativeRecogniser;
}

const sherpa = createRequire(import.meta.url)('sherpa-onnx-node') as SherpaOnnx;
const streams = new Map<number, NativeStream>();
let recogniser: NativeRecogniser | null = null;
let tailMs = 0;
let chunkMs = 0;
let decodeScheduled = false;

const send = (message: FromEngine): void => {
  process.send?.(message);
};

/** Decodes one chunk of each stream per turn of the event loop, so that new audio is received in between. */
function decode(): void {
  decodeScheduled = false;
  if (!recogniser) return;
  const ready = [...streams.values()].filter((stream) => stream.ready);
  if (ready.length > 0) recogniser.decodeStreams(ready.map((stream) => stream.handle));
  for (const stream of ready) stream.countDecoded();
  for (const [id, stream] of streams) {
    const update = stream.takeUpdate();
    if (!update) continue;
    send({ type: 'update', id, update });
    if (update.last) streams.delete(id);
  }
  if ([...streams.values()].some((stream) => stream.ready)) scheduleDecode();
}

function scheduleDecode(): void {
  if (decodeScheduled) return;
  decodeScheduled = true;
  setImmediate(decode);
}

process.on('message', (message: ToEngine) => {
  switch (message.type) {
    case 'load':
      tailMs = message.tailMs;
      chunkMs = message.chunkMs;
      recogniser = new sherpa.OnlineRecognizer(message.config);
      send({ type: 'ready' });
      break;
    case 'open':
      if (recogniser) streams.set(message.id, new NativeStream(recogniser, chunkMs));
      break;
    case 'audio':
      streams.get(message.id)?.push(message.pcm);
      scheduleDecode();
      break;
    case 'flush':
      streams.get(message.id)?.flush((tailMs * ENGINE_RATE_HZ) / 1000);
      scheduleDecode();
      break;
    case 'close':
      streams.delete(message.id);
      break;
  }
});
process.on('disconnect', () => process.exit(0));
