import { describe, expect, it, vi } from 'vitest';
import { ASR_LIMITS } from './limits.ts';
import { clientOf, serviceForTests, WAIT } from './test-client.ts';
import { deafUpgrade, greet, type Peer, sayFinal } from './test-support.ts';

const service = await serviceForTests();

describe('a wait', () => {
  it('for the dial is bounded', async () => {
    service.upgrade = () => undefined;
    const { talk, clock } = clientOf(service);
    const { events, failures } = talk();
    clock.pass(ASR_LIMITS.DIAL_TIMEOUT_MS - 1);
    expect(events).toEqual([]);
    clock.pass(1);
    expect(failures).toEqual([{ reason: 'handshake-timeout', class: 'retriable', error: 'ASR_UNAVAILABLE' }]);
    expect(clock.waiting).toBe(0);
  });

  it('for the greeting is bounded', async () => {
    service.script = () => undefined;
    const { talk, clock } = clientOf(service);
    const { events, failures, peer } = talk();
    const greetingAwaited = vi.spyOn(clock, 'after');
    await peer();
    await vi.waitFor(() => expect(greetingAwaited).toHaveBeenCalledOnce(), WAIT);
    clock.pass(ASR_LIMITS.HANDSHAKE_TIMEOUT_MS - 1);
    expect(events).toEqual([]);
    clock.pass(1);
    expect(events).toEqual(['failed']);
    expect(failures[0]?.reason).toBe('handshake-timeout');
    expect(clock.waiting).toBe(0);
  });

  it('for the last word is bounded', async () => {
    service.script = greet;
    const { talk, clock } = clientOf(service);
    const { asr, events, failures, until } = talk();
    await until('open');
    asr.end();
    clock.pass(ASR_LIMITS.FINAL_TIMEOUT_MS - 1);
    expect(events).toEqual(['open']);
    clock.pass(1);
    expect(failures).toEqual([{ reason: 'final-timeout', class: 'retriable', error: 'ASR_UNAVAILABLE' }]);
    expect(clock.waiting).toBe(0);
  });

  it('is none while the connection is open: silence is no failure', async () => {
    service.script = greet;
    const { talk, clock } = clientOf(service);
    const { asr, events, until } = talk();
    await until('open');
    expect(clock.waiting).toBe(0);
    asr.close();
    expect(events).toEqual(['open']);
  });
});

describe('a connection that ends by itself', () => {
  it.each<[string, (peer: Peer) => void]>([
    ['a close frame', (peer) => peer.socket.close(1000)],
    ['no close frame', (peer) => peer.socket.terminate()],
  ])('with %s before the last word has failed', async (_, leave) => {
    service.script = (peer) => {
      greet(peer);
      peer.socket.on('message', () => leave(peer));
    };
    const { talk, clock } = clientOf(service);
    const { asr, events, failures, until } = talk();
    await until('open');
    asr.end();
    await until('failed');
    expect(events).toEqual(['open', 'failed']);
    expect(failures[0]).toEqual({ reason: 'closed', class: 'retriable', error: 'ASR_UNAVAILABLE' });
    expect(clock.waiting).toBe(0);
  });

  it('with a last word that nobody asked for has failed, so that later audio is not lost', async () => {
    service.script = (peer) => {
      greet(peer);
      sayFinal(peer);
    };
    const { events, failures, until } = clientOf(service).talk();
    await until('failed');
    expect(events).toEqual(['open', 'failed']);
    expect(failures[0]?.reason).toBe('closed');
  });

  it('is given up when it says close and keeps the line', async () => {
    service.upgrade = deafUpgrade(Buffer.from([0x88, 0x00]));
    const { failures, until } = clientOf(service).talk();
    await until('failed');
    expect(failures[0]?.reason).toBe('closed');
  });
});

describe('what cannot be read', () => {
  const { MAX_GARBAGE_MESSAGES } = ASR_LIMITS;
  const babble = (peer: Peer, times: number) => {
    for (let i = 0; i < times; i += 1) peer.socket.send(i % 2 ? 'not json' : Buffer.from([0]));
  };

  it('is tolerated a few times, also before the greeting', async () => {
    service.script = (peer) => {
      babble(peer, MAX_GARBAGE_MESSAGES);
      greet(peer);
      peer.socket.on('message', () => sayFinal(peer));
    };
    const { asr, events, until } = clientOf(service).talk();
    asr.end();
    await until('finished');
    expect(events).toEqual(['open', 'finished']);
  });

  it('is a protocol failure after that', async () => {
    service.script = (peer) => {
      greet(peer);
      babble(peer, MAX_GARBAGE_MESSAGES + 1);
    };
    const { failures, until } = clientOf(service).talk();
    await until('failed');
    expect(failures).toEqual([{ reason: 'protocol', class: 'retriable', error: 'ASR_UNAVAILABLE' }]);
  });

  it('is a protocol failure at once when it is larger than any message', async () => {
    service.script = (peer) => {
      greet(peer);
      peer.socket.send('x'.repeat(2_000));
    };
    const { failures, until } = clientOf(service, { limits: { MAX_MESSAGE_BYTES: 1_000 } }).talk();
    await until('failed');
    expect(failures[0]?.reason).toBe('protocol');
  });
});

describe('audio that the network does not take', () => {
  it('is bounded, and its loss is a failure that is told outside of send', async () => {
    service.script = greet;
    const { talk } = clientOf(service, { limits: { MAX_BUFFERED_BYTES: 1_000 } });
    const { asr, events, failures, until } = talk();
    await until('open');
    asr.send(new Uint8Array(1_001));
    asr.send(new Uint8Array(1_001));
    expect(events).toEqual(['open']);
    await until('failed');
    expect(events).toEqual(['open', 'failed']);
    expect(failures[0]?.reason).toBe('network');
  });
});
