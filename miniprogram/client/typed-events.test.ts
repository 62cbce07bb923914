import { describe, expectTypeOf, it } from 'vitest';
import type { ClientEvents, ServerEvents } from '../../contract/stream.ts';
import { CloudBaseSocketIOClient } from './cloudbase-socketio-client.ts';

interface FromServer {
  result: (text: string, final: boolean) => void;
  question: (n: number, answer: (yes: boolean) => void) => void;
}
interface ToServer {
  start: (options: { engine: string }, ack: (id: string) => void) => void;
  stop: (ack?: (count: number) => void) => void;
  audio: (pos: number, pcm: ArrayBuffer) => void;
}

describe('typed events', () => {
  const client = new CloudBaseSocketIOClient<FromServer, ToServer>({ service: 'x' });

  it('listeners get the arguments of their event', () => {
    client.on('result', (text, final) => {
      expectTypeOf(text).toEqualTypeOf<string>();
      expectTypeOf(final).toEqualTypeOf<boolean>();
    });
    client.on('connect_error', (error) => expectTypeOf(error).toExtend<Error>());
    client.onInternal('reconnect_attempt', (attempt) => expectTypeOf(attempt).toEqualTypeOf<number>());
    client.onInternal('disconnect', (reason) => expectTypeOf(reason).toEqualTypeOf<string>());
    // @ts-expect-error: no such event
    client.on('nothing', () => {});
  });

  it('emit takes what the server listens for', () => {
    client.emit('audio', 0, new ArrayBuffer(2));
    client.emit('start', { engine: 'x' }, (id) => expectTypeOf(id).toEqualTypeOf<string>());
    client
      .timeout(1)
      .emit('start', { engine: 'x' }, (error) => expectTypeOf(error).toEqualTypeOf<Error | null>());
    // @ts-expect-error: an argument is missing
    client.emit('audio', 0);
    client.offAny().disconnect();
  });

  it('emitWithAck resolves with what the callback gets', () => {
    const start = () => client.emitWithAck('start', { engine: 'x' });
    const stop = () => client.emitWithAck('stop');
    expectTypeOf<ReturnType<typeof start>>().toEqualTypeOf<Promise<string>>();
    expectTypeOf<ReturnType<typeof stop>>().toEqualTypeOf<Promise<number>>();
  });

  it('emitWithAck after timeout resolves with the answer, which is never undefined', () => {
    const start = () => client.timeout(1).emitWithAck('start', { engine: 'x' });
    const stop = () => client.timeout(1).emitWithAck('stop');
    expectTypeOf<ReturnType<typeof start>>().toEqualTypeOf<Promise<string>>();
    expectTypeOf<ReturnType<typeof stop>>().toEqualTypeOf<Promise<number>>();
    const untyped = () => new CloudBaseSocketIOClient().timeout(1).emitWithAck('x');
    expectTypeOf<Awaited<ReturnType<typeof untyped>>>().toBeAny();
  });

  it('without types everything goes, and the contract fits', () => {
    const untyped = new CloudBaseSocketIOClient();
    untyped.on('anything', (a, b) => [a, b]);
    untyped.emit('anything', 1, 'two');
    const ask = () => untyped.emitWithAck('x').then((answer) => answer.any.thing);
    expectTypeOf(ask).toBeFunction();
    const voice = new CloudBaseSocketIOClient<ServerEvents, ClientEvents>();
    voice.on('result', (result) => expectTypeOf(result.text).toEqualTypeOf<string>());
    untyped.disconnect();
  });
});
