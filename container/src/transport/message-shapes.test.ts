import { describe, expect, it } from 'vitest';
import { ShapeOfConnection } from './message-shapes.ts';

const read = (shape: ShapeOfConnection, message: unknown) => shape.read(JSON.stringify(message));

describe('the shape of a connection', () => {
  it('is decided by the first message that has one, and then is no other', () => {
    const shape = new ShapeOfConnection();
    expect(shape.read('nonsense')).toBeUndefined();
    expect(read(shape, { hello: 1 })).toBeUndefined();
    expect(read(shape, { type: 'start', id: 1, userId: 'oVictim', token: 't' })).toEqual({
      event: 'start',
      id: 1,
      payload: { userId: 'oVictim', token: 't' },
      pos: undefined,
      base64: undefined,
    });
    expect(read(shape, { event: 'stop' })).toBeUndefined();
    expect(read(shape, { type: 'stop' })).toMatchObject({ event: 'stop', payload: {} });
  });

  it('is the envelope where a message has both names', () => {
    const shape = new ShapeOfConnection();
    expect(read(shape, { event: 'stop', type: 'start' })).toMatchObject({ event: 'stop' });
    expect(shape.event('ready', { nextPos: 0 })).toBe('{"event":"ready","data":{"nextPos":0}}');
  });

  it('before it is known, an error is one that both kinds of client read', () => {
    const error = JSON.parse(new ShapeOfConnection().event('error', { code: 'TICKET_INVALID' }));
    expect(error).toMatchObject({ event: 'error', data: { code: 'TICKET_INVALID' } });
    expect(error).toMatchObject({ type: 'error', code: 'TICKET_INVALID' });
  });

  it('lets no payload pass for another event or another id', () => {
    const shape = new ShapeOfConnection();
    read(shape, { type: 'start' });
    expect(JSON.parse(shape.event('completed', { id: 'session-1', type: 'error' }))).toEqual({
      type: 'completed',
      id: 'session-1',
    });
    expect(JSON.parse(shape.acknowledgement(7, { id: 'session-1' }))).toEqual({
      type: 'ack',
      id: 7,
      data: { id: 'session-1' },
    });
  });

  it.each([
    null,
    7,
    'text',
    [],
    {},
    { event: 7 },
    { type: null },
    { event: 'stop', id: 'a' },
    { type: 'stop', id: 1.5 },
  ])('nothing has one of %j', (message) => {
    expect(read(new ShapeOfConnection(), message)).toBeUndefined();
  });
});

describe('a frame', () => {
  it.each([
    [{ event: 'audio', pos: 7 }, 7, undefined],
    [{ event: 'audio', pos: 7, data: 'AAAA' }, 7, 'AAAA'],
    [{ event: 'audio', data: { audio: 'AAAA' } }, undefined, { audio: 'AAAA' }],
    [{ type: 'audio', pos: 7 }, 7, undefined],
    [{ type: 'audio', audio: 'AAAA' }, undefined, 'AAAA'],
    [{ type: 'audio', pos: 7, data: 'AAAA' }, 7, 'AAAA'],
  ])('%j has its position and its audio', (message, pos, base64) => {
    expect(read(new ShapeOfConnection(), message)).toMatchObject({ event: 'audio', pos, base64 });
  });

  it.each([
    { event: 'audio', pos: 7, encoding: 'adpcm' },
    { type: 'audio', pos: 7, encoding: 'adpcm' },
  ])('%j has its encoding', (message) => {
    expect(read(new ShapeOfConnection(), message)).toMatchObject({ pos: 7, encoding: 'adpcm' });
  });
});
