import { describeFailure, ToolError } from '../cli.ts';
import { deploy } from './apply.ts';
import type { DeployOptions } from './options.ts';
import { type DeployContext, type DeployReport, type Prepared, prepare, printPlan } from './prepare.ts';

/**
 * What the command does: nothing that it prints or throws holds a deployed secret.
 * @throws ToolError
 */
export async function deployCommand(options: DeployOptions, context: DeployContext): Promise<void> {
  const say = (report: object, redact: (text: string) => string = (text) => text): void => {
    if (options.json) context.print(redact(JSON.stringify(report)));
  };
  const failed = (message: string): ToolError => {
    say({ ok: false, error: message });
    return new ToolError(message);
  };
  let prepared: Prepared;
  try {
    prepared = prepare(options, context.env);
  } catch (error) {
    throw failed(describeFailure(error));
  }
  const { redact, description } = prepared;
  const print = (line: string): void => context.print(redact(line));
  const onInterrupt: DeployContext['onInterrupt'] = (summary) =>
    context.onInterrupt(() => summary().map(redact));
  try {
    if (options.dryRun) printPlan(options, prepared, print);
    const planned: DeployReport = {
      ok: true,
      envId: description.envId,
      dryRun: true,
      changed: [],
      unchanged: [],
    };
    say(
      options.dryRun ? planned : await deploy(options, prepared, { ...context, print, onInterrupt }),
      redact,
    );
  } catch (error) {
    throw failed(redact(describeFailure(error)));
  }
}
