import { watchContainer } from '../../compile/container.ts';
import { watchFunctions } from '../../compile/functions.ts';
import type { OnBuild, Watcher } from '../../compile/node-bundle.ts';

/**
 * Builds container and functions, and again whenever one of their sources changes. A build with errors leaves what
 * runs as it is. Functions need no restart: their host loads a new bundle at the next call.
 * @param options.onContainerBuilt called after each build of the container but the first
 * @throws Error with the compiler's messages when the first build of one fails
 */
export async function watchSources(options: {
  containerDir: string;
  functionsDir: string;
  report: (line: string) => void;
  onContainerBuilt: () => void;
}): Promise<Watcher> {
  let firstErrors: string[] | undefined = [];
  const onBuild: OnBuild = ({ name, errors, tookMs }) => {
    const label = name === 'container' ? '容器' : `云函数 ${name}`;
    if (firstErrors) firstErrors.push(...errors);
    else if (errors.length > 0)
      options.report([`${label}的改动有错误，继续运行原来的版本：`, ...errors].join('\n'));
    else if (name === 'container') {
      options.report(`${label}有改动，已重新构建（${tookMs} ms），正在重启……`);
      options.onContainerBuilt();
    } else options.report(`${label}有改动，已重新构建（${tookMs} ms），下次调用生效`);
  };
  const watchers = await Promise.all([
    watchContainer({ outDir: options.containerDir, onBuild }),
    watchFunctions({ outDir: options.functionsDir, onBuild }),
  ]);
  const dispose = async (): Promise<void> => {
    await Promise.all(watchers.map((watcher) => watcher.dispose()));
  };
  if (firstErrors.length > 0) {
    await dispose();
    throw new Error(firstErrors.join('\n'));
  }
  firstErrors = undefined;
  return { dispose };
}
