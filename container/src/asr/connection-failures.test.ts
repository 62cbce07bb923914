import { describe, expect, it, vi } from 'vitest';
import { clientOf, serviceForTests, WAIT } from '../../testing/asr/client.ts';
import {
  type ServerConnection,
  sendFinal,
  sendHandshake,
  upgradeWithoutAnswer,
} from '../../testing/asr/service.ts';
import { ASR_LIMITS } from './connection.ts';

const service = await serviceForTests();

describe('a wait', () => {
  it('for the dial is bounded', async () => {
    service.upgrade = () => undefined;
    const { connect, clock } = clientOf(service);
    const { events, failures } = connect();
    clock.advanceSync(ASR_LIMITS.DIAL_TIMEOUT_MS - 1);
    expect(events).toEqual([]);
    clock.advanceSync(1);
    expect(failures).toEqual([{ reason: 'handshake-timeout', class: 'retriable', error: 'ASR_UNAVAILABLE' }]);
    expect(clock.pending).toBe(0);
  });

  it('for the handshake is bounded', async () => {
    service.script = () => undefined;
    const { connect, clock } = clientOf(service);
    const { events, failures, server } = connect();
    const timeoutSet = vi.spyOn(clock, 'after');
    await server();
    await vi.waitFor(() => expect(timeoutSet).toHaveBeenCalledOnce(), WAIT);
    clock.advanceSync(ASR_LIMITS.HANDSHAKE_TIMEOUT_MS - 1);
    expect(events).toEqual([]);
    clock.advanceSync(1);
    expect(events).toEqual(['failed']);
    expect(failures[0]?.reason).toBe('handshake-timeout');
    expect(clock.pending).toBe(0);
  });

  it('for the final is bounded', async () => {
    service.script = sendHandshake;
    const { connect, clock } = clientOf(service);
    const { asr, events, failures, until } = connect();
    await until('open');
    asr.end();
    clock.advanceSync(ASR_LIMITS.FINAL_TIMEOUT_MS - 1);
    expect(events).toEqual(['open']);
    clock.advanceSync(1);
    expect(failures).toEqual([{ reason: 'final-timeout', class: 'retriable', error: 'ASR_UNAVAILABLE' }]);
    expect(clock.pending).toBe(0);
  });

  it('is none while the connection is open: silence is no failure', async () => {
    service.script = sendHandshake;
    const { connect, clock } = clientOf(service);
    const { asr, events, until } = connect();
    await until('open');
    expect(clock.pending).toBe(0);
    asr.close();
    expect(events).toEqual(['open']);
  });
});

describe('a connection that ends by itself', () => {
  it.each<[string, (connection: ServerConnection) => void]>([
    ['a close frame', (connection) => connection.socket.close(1000)],
    ['no close frame', (connection) => connection.socket.terminate()],
  ])('with %s before the final has failed', async (_, close) => {
    service.script = (connection) => {
      sendHandshake(connection);
      connection.socket.on('message', () => close(connection));
    };
    const { connect, clock } = clientOf(service);
    const { asr, events, failures, until } = connect();
    await until('open');
    asr.end();
    await until('failed');
    expect(events).toEqual(['open', 'failed']);
    expect(failures[0]).toEqual({ reason: 'closed', class: 'retriable', error: 'ASR_UNAVAILABLE' });
    expect(clock.pending).toBe(0);
  });

  it('with a final before end() has failed, so that later audio is not lost', async () => {
    service.script = (connection) => {
      sendHandshake(connection);
      sendFinal(connection);
    };
    const { events, failures, until } = clientOf(service).connect();
    await until('failed');
    expect(events).toEqual(['open', 'failed']);
    expect(failures[0]?.reason).toBe('closed');
  });

  it('is given up when it sends a close frame and keeps the TCP connection', async () => {
    service.upgrade = upgradeWithoutAnswer(Buffer.from([0x88, 0x00]));
    const { failures, until } = clientOf(service).connect();
    await until('failed');
    expect(failures[0]?.reason).toBe('closed');
  });
});

describe('what cannot be read', () => {
  const { MAX_UNREADABLE_MESSAGES } = ASR_LIMITS;
  const sendUnreadable = (connection: ServerConnection, times: number) => {
    for (let i = 0; i < times; i += 1) connection.socket.send(i % 2 ? 'not json' : Buffer.from([0]));
  };

  it('is tolerated a few times, also before the handshake', async () => {
    service.script = (connection) => {
      sendUnreadable(connection, MAX_UNREADABLE_MESSAGES);
      sendHandshake(connection);
      connection.socket.on('message', () => sendFinal(connection));
    };
    const { asr, events, until } = clientOf(service).connect();
    asr.end();
    await until('finished');
    expect(events).toEqual(['open', 'finished']);
  });

  it('is a protocol failure after that', async () => {
    service.script = (connection) => {
      sendHandshake(connection);
      sendUnreadable(connection, MAX_UNREADABLE_MESSAGES + 1);
    };
    const { failures, until } = clientOf(service).connect();
    await until('failed');
    expect(failures).toEqual([{ reason: 'protocol', class: 'retriable', error: 'ASR_UNAVAILABLE' }]);
  });

  it('is a protocol failure at once when it is larger than any message', async () => {
    service.script = (connection) => {
      sendHandshake(connection);
      connection.socket.send('x'.repeat(2_000));
    };
    const { failures, until } = clientOf(service, { limits: { MAX_MESSAGE_BYTES: 1_000 } }).connect();
    await until('failed');
    expect(failures[0]?.reason).toBe('protocol');
  });
});

describe('audio that the network does not take', () => {
  it('is bounded, and its loss is a failure that is reported outside of send', async () => {
    service.script = sendHandshake;
    const { connect } = clientOf(service, { limits: { MAX_BUFFERED_BYTES: 1_000 } });
    const { asr, events, failures, until } = connect();
    await until('open');
    asr.send(new Uint8Array(1_001));
    asr.send(new Uint8Array(1_001));
    expect(events).toEqual(['open']);
    await until('failed');
    expect(events).toEqual(['open', 'failed']);
    expect(failures[0]?.reason).toBe('network');
  });
});
