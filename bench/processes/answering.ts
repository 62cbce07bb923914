/** Answers what the parent process asks over the channel between them; see `child.ts`. */

export interface Question {
  id: number;
  ask: string;
  argument: unknown;
}
export interface Reply {
  id: number;
  result?: unknown;
  /** Why there is none. */
  problem?: string;
}

type Handlers = Readonly<Record<string, (argument: never) => unknown>>;

export function answerParent(handlers: Handlers): void {
  process.on('message', async ({ id, ask, argument }: Question) => {
    const handler = handlers[ask];
    if (!handler) return;
    let reply: Reply;
    try {
      reply = { id, result: await handler(argument as never) };
    } catch (error) {
      reply = { id, problem: error instanceof Error ? error.message : String(error) };
    }
    process.send?.(reply);
  });
  // nothing is left behind by a parent that was killed
  process.once('disconnect', () => process.exit(1));
}
