import * as v from 'valibot';

/** One text message of a client, whichever shape it has. */
export interface ClientMessage {
  event: string;
  /** The client waits for an acknowledgement of this id. */
  id: number | undefined;
  payload: unknown;
  /** With `audio`: position of this frame's first sample, or of the binary message that follows. */
  pos: number | undefined;
  /** With `audio`: the frame in Base64; undefined: it is the binary message that follows. */
  base64: unknown;
  /** With `audio`: of that frame. */
  encoding: unknown;
}

/** How events and acknowledgements are written as text messages. */
export interface MessageShape {
  /** @returns undefined: the message does not have this shape */
  read(message: unknown): ClientMessage | undefined;
  event(event: string, data: object | undefined): string;
  acknowledgement(id: number, answer: object): string;
}

const idSchema = v.optional(v.pipe(v.number(), v.safeInteger()));
const envelopeSchema = v.object({
  event: v.string(),
  id: idSchema,
  data: v.optional(v.unknown()),
  pos: v.optional(v.number()),
  encoding: v.optional(v.unknown()),
});
/** What is left is the payload: `{ type: "start", token }`. */
const flatSchema = v.looseObject({ type: v.string(), id: idSchema, pos: v.optional(v.number()) });

/** `{ event, id?, data? }`, answered by `{ event, data }` and `{ ack: id, data }`. */
const ENVELOPE: MessageShape = {
  read(message) {
    const parsed = v.safeParse(envelopeSchema, message);
    if (!parsed.success) return undefined;
    const { event, id, data, pos, encoding } = parsed.output;
    return { event, id, payload: data, pos, base64: data, encoding };
  },
  event: (event, data) => JSON.stringify({ event, data }),
  acknowledgement: (ack, data) => JSON.stringify({ ack, data }),
};

/**
 * `{ type, id?, …payload }`, answered by `{ type, …data }`; the shape that published clients of such services speak. Only an
 * acknowledgement has its answer in `data`, since an answer may have an `id` of its own.
 */
const FLAT: MessageShape = {
  read(message) {
    const parsed = v.safeParse(flatSchema, message);
    if (!parsed.success) return undefined;
    const { type, id, ...payload } = parsed.output;
    const { pos, encoding, audio, data } = payload;
    return { event: type, id, payload, pos, base64: audio ?? data, encoding };
  },
  event: (type, data) => JSON.stringify({ ...data, type }),
  acknowledgement: (id, data) => JSON.stringify({ type: 'ack', id, data }),
};

/** Before the client's first message: an event (an error, or what the service says of itself) that both kinds of client read. */
const UNDECIDED: MessageShape = {
  read: () => undefined,
  event: (event, data) => JSON.stringify({ ...data, type: event, event, data }),
  acknowledgement: ENVELOPE.acknowledgement,
};

/** The shape of one connection: the client's first message that has one decides. */
export class ShapeOfConnection {
  #shape = UNDECIDED;

  /** @param text a text message. @returns undefined: it is no JSON, or has not the connection's shape */
  read(text: string): ClientMessage | undefined {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      return undefined;
    }
    if (this.#shape !== UNDECIDED) return this.#shape.read(message);
    for (const shape of [ENVELOPE, FLAT]) {
      const read = shape.read(message);
      if (read === undefined) continue;
      this.#shape = shape;
      return read;
    }
    return undefined;
  }

  event(event: string, data: object | undefined): string {
    return this.#shape.event(event, data);
  }

  acknowledgement(id: number, answer: object): string {
    return this.#shape.acknowledgement(id, answer);
  }
}
