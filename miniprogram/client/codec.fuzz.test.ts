import { decodePacket, encodePacket as encodeOfficialFrame } from 'engine.io-parser';
import fc from 'fast-check';
import {
  Decoder as OfficialDecoder,
  Encoder as OfficialEncoder,
  type Packet as OfficialPacket,
} from 'socket.io-parser';
import { describe, expect, it } from 'vitest';
import { engineType, MESSAGE } from './engine-codec.ts';
import { createDecoder, encodePacket, type Packet, RESERVED } from './socket-codec.ts';

/** `npm run test:full` asks for more. */
const SETTINGS = { seed: 20_240_601, numRuns: process.env.FULL ? 10_000 : 400 };

const bytes = fc.uint8Array({ maxLength: 40 });
const binary = fc.oneof(
  bytes.map((array) => array.slice().buffer),
  bytes,
  // a view of a part of its buffer
  fc.tuple(bytes, fc.nat(8)).map(([array, cut]) => array.slice().subarray(Math.min(cut, array.length))),
  bytes.map((array) => new DataView(array.slice().buffer)),
  fc.uint16Array({ maxLength: 8 }),
);
// A name that an object literal cannot hold as data is not the codec's business.
const key = fc.string({ maxLength: 8 }).filter((name) => name !== '__proto__' && name !== '_placeholder');
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.constant(undefined),
    fc.date({ noInvalidDate: true }),
    tie('list'),
    tie('record'),
  ),
  list: fc.array(tie('value'), { maxLength: 4 }),
  record: fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
}));
/** With at most ten attachments: the most that either decoder takes. */
const binaryValue = fc.oneof(
  value,
  binary,
  fc.array(fc.oneof(binary, value), { maxLength: 3 }),
  fc.record({ meta: value, deep: fc.record({ frame: binary, list: fc.array(binary, { maxLength: 2 }) }) }),
);
const eventName = fc.oneof(
  fc.string().filter((name) => RESERVED.indexOf(name) < 0),
  fc.integer(),
);
const nsp = fc.oneof(fc.constant('/'), fc.stringMatching(/^\/[a-z0-9?&=\-_{}[\]]{1,12}$/));
const id = fc.option(fc.nat({ max: Number.MAX_SAFE_INTEGER }), { nil: undefined });
const args = fc.array(binaryValue, { maxLength: 2 });
const payload = fc.dictionary(key, fc.jsonValue(), { maxKeys: 3, noNullPrototype: true });

const packet: fc.Arbitrary<Packet> = fc.oneof(
  fc.record({
    type: fc.constant(0),
    nsp,
    id: fc.constant(undefined),
    data: fc.option(payload, { nil: undefined }),
  }),
  fc.record({ type: fc.constant(1), nsp, id: fc.constant(undefined), data: fc.constant(undefined) }),
  fc.record({
    type: fc.constant(2),
    nsp,
    id,
    data: fc.tuple(eventName, args).map(([name, rest]) => [name, ...rest]),
  }),
  fc.record({ type: fc.constant(3), nsp, id: fc.nat(), data: args }),
);

/** What is on the wire: texts, and the bytes of attachments. */
const wire = (frames: readonly unknown[]): unknown[] =>
  frames.map((frame) => {
    if (typeof frame === 'string') return frame;
    if (!ArrayBuffer.isView(frame)) return [...new Uint8Array(frame as ArrayBuffer)];
    return [...new Uint8Array(frame.buffer, frame.byteOffset, frame.byteLength)];
  });

const encodeOurs = (one: Packet): unknown[] => {
  const attachments: ArrayBuffer[] = [];
  const text = encodePacket(one, attachments);
  return [text, ...attachments];
};
/** A frame of the Socket.IO codec as the official Engine.IO codec writes it, since ours does both at once. */
function toEngine(frame: unknown): unknown {
  let official: unknown = frame;
  if (typeof frame === 'string')
    encodeOfficialFrame({ type: 'message', data: frame }, true, (text) => {
      official = text;
    });
  return official;
}
const fromEngine = (frame: unknown): unknown =>
  typeof frame === 'string' ? decodePacket(frame).data : frame;
const encodeTheirs = (one: Packet): unknown[] => new OfficialEncoder().encode({ ...one } as OfficialPacket);

const toBuffer = (frame: unknown): unknown =>
  ArrayBuffer.isView(frame)
    ? frame.buffer.slice(frame.byteOffset, frame.byteOffset + frame.byteLength)
    : frame;

type Read = { type: number; nsp: string; id: number | undefined; data: unknown } | 'refused';

/** The last packet that comes of the frames. */
function decodeOurs(frames: readonly unknown[]): Read | undefined {
  const decoder = createDecoder();
  let read: Read | undefined;
  try {
    for (const frame of frames) {
      const one = decoder(toEngine(frame));
      if (one) read = { type: one.type, nsp: one.nsp, id: one.id, data: one.data };
    }
  } catch (_) {
    return 'refused';
  }
  return read;
}

function decodeTheirs(frames: readonly unknown[]): Read | undefined {
  const decoder = new OfficialDecoder();
  let read: Read | undefined;
  decoder.on('decoded', ({ type, nsp: where, id: number, data }) => {
    read = { type, nsp: where, id: number, data };
  });
  try {
    for (const frame of frames) decoder.add(frame);
  } catch (_) {
    return 'refused';
  }
  return read;
}

describe('Socket.IO codec beside socket.io-parser', () => {
  it('writes the same frames', () => {
    fc.assert(
      fc.property(packet, (one) => {
        expect(wire(encodeOurs(one))).toEqual(wire(encodeTheirs(one).map(toEngine)));
      }),
      SETTINGS,
    );
  });

  it('reads what the official one wrote, as the official one does', () => {
    fc.assert(
      fc.property(packet, (one) => {
        const frames = encodeTheirs(one).map(toBuffer);
        expect(decodeOurs(frames)).toEqual(decodeTheirs(frames));
      }),
      SETTINGS,
    );
  });

  it('what it writes, the official one reads', () => {
    fc.assert(
      fc.property(packet, (one) => {
        const frames = encodeOurs(one).map(fromEngine);
        expect(decodeTheirs(frames)).toEqual(decodeOurs(frames));
        expect(decodeTheirs(frames)).not.toBe('refused');
      }),
      SETTINGS,
    );
  });

  // Without blanks, which the official one takes for digits, and without the counts that only it reads as numbers.
  const garbage = fc.oneof(
    fc
      .tuple(
        fc.constantFrom('0', '1', '2', '3', '4', '51-', '52-', '61-', '7', 'x'),
        fc.string({ maxLength: 12 }),
      )
      .map(([head, tail]) => head + tail),
    fc
      .tuple(
        fc.constantFrom('0', '1', '2', '3', '4', '51-', '511-', '5', '60-'),
        fc.constantFrom('', '/', '/a', '/a,', ',', '7', '/a,7', '-1', '/a,1.5'),
        fc.jsonValue().map((json) => JSON.stringify(json)),
      )
      .map((parts) => parts.join('')),
    fc
      .tuple(fc.constantFrom('51-', '52-', '61-'), fc.integer({ min: -2, max: 3 }), fc.boolean())
      .map(([head, num, text]) => `${head}["e",{"_placeholder":true,"num":${text ? `"${num}"` : num}}]`),
  );
  const noise = fc.array(fc.oneof(garbage, fc.uint8Array({ maxLength: 3 }).map(toBuffer)), {
    minLength: 1,
    maxLength: 3,
  });
  const onlyOfficial = (frames: readonly unknown[]): boolean =>
    frames.some(
      (frame) =>
        typeof frame === 'string' &&
        (/\s/.test(frame) || /^[56](?!\d+-)/.test(frame) || /^[56]0+-/.test(frame)),
    );

  it('refuses what the official one refuses, and nothing else', () => {
    fc.assert(
      fc.property(
        noise.filter((frames) => !onlyOfficial(frames)),
        (frames) => {
          // Each reads its own copy: attachments are put into the parsed data.
          expect(decodeOurs(frames)).toEqual(decodeTheirs(frames));
        },
      ),
      SETTINGS,
    );
  });
});

describe('Engine.IO codec beside engine.io-parser', () => {
  const TYPES = ['open', 'close', 'ping', 'pong', 'message', 'upgrade', 'noop'] as const;

  it('reads frames as the official one does', () => {
    const frame = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.tuple(fc.nat(9), fc.string({ unit: 'binary' })).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(
        // `b` is base64, of HTTP long-polling only
        frame.filter((text) => text.charAt(0) !== 'b'),
        (text) => {
          const official = decodePacket(text);
          const type = TYPES[engineType(text)];
          if (official.type === 'error') expect(type).toBeUndefined();
          else
            expect({ type, data: text.slice(1) }).toEqual({ type: official.type, data: official.data ?? '' });
        },
      ),
      SETTINGS,
    );
  });

  it('takes whatever is no text for a binary message', () => {
    const foreign = Object.create(null);
    expect(engineType(foreign)).toBe(MESSAGE);
  });
});
