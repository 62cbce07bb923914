/**
 * The native engine, alone in a process: it ends its process on most errors, without an exception.
 * Speaks the messages of `protocol.ts` with its parent, and ends when the parent goes away.
 */
import { createRequire } from 'node:module';
import { ENGINE_RATE_HZ } from '../engine/recogniser.ts';
import { ChildStream, type NativeRecogniser } from './child-stream.ts';
import type { FromChild, ToChild } from './protocol.ts';

interface Native {
  OnlineRecognizer: new (config: Record<string, unknown>) => NativeRecogniser;
}

const native = createRequire(import.meta.url)('sherpa-onnx-node') as Native;
const streams = new Map<number, ChildStream>();
let recogniser: NativeRecogniser | null = null;
let tailMs = 0;
let chunkMs = 0;
let scheduled = false;

const send = (message: FromChild): void => {
  process.send?.(message);
};

/** One batch per turn of the event loop, so that new audio gets in between. */
function decode(): void {
  scheduled = false;
  if (!recogniser) return;
  const ready = [...streams.values()].filter((stream) => stream.ready);
  if (ready.length > 0) recogniser.decodeStreams(ready.map((stream) => stream.native));
  for (const stream of ready) stream.decoded();
  for (const [id, stream] of streams) {
    const hearing = stream.hear();
    if (!hearing) continue;
    send({ type: 'hearing', id, hearing });
    if (hearing.last) streams.delete(id);
  }
  if ([...streams.values()].some((stream) => stream.ready)) schedule();
}

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  setImmediate(decode);
}

process.on('message', (message: ToChild) => {
  switch (message.type) {
    case 'load':
      tailMs = message.tailMs;
      chunkMs = message.chunkMs;
      recogniser = new native.OnlineRecognizer(message.config);
      send({ type: 'ready' });
      break;
    case 'open':
      if (recogniser) streams.set(message.id, new ChildStream(recogniser, chunkMs));
      break;
    case 'audio':
      streams.get(message.id)?.push(message.pcm);
      schedule();
      break;
    case 'flush':
      streams.get(message.id)?.flush((tailMs * ENGINE_RATE_HZ) / 1000);
      schedule();
      break;
    case 'close':
      streams.delete(message.id);
      break;
  }
});
process.on('disconnect', () => process.exit(0));
