/**
 * Compiles a project with the real plugins of CloudBase Framework, as `framework deploy` would if it got that far, and prints
 * what they would submit. usage: framework-plugins.mjs FOLDER-OF-THE-TOOLS, in the project's folder
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';

const load = createRequire(join(process.argv[2], 'package.json'));
const { ConfigParser } = createRequire(load.resolve('@cloudbase/framework-core'))('@cloudbase/toolbox');
const { validate } = load('@cloudbase/framework-core/lib/config/validate.js');

const projectPath = process.cwd();
const rc = await new ConfigParser({
  cwd: projectPath,
  configPath: join(projectPath, 'cloudbaserc.json'),
}).get();
const { result: valid, errorText } = validate(rc);
const silent = new Proxy({}, { get: () => () => {} });
const request = async (action) => {
  if (action === 'DescribeEnvs') return { EnvList: [{ EnvId: rc.envId, PayMode: 'postpaid' }] };
  throw new Error(`the plugins ask for ${action}`);
};
const api = {
  projectPath,
  envId: rc.envId,
  projectConfig: rc,
  appConfig: rc.framework,
  logger: silent,
  emoji: (text) => text,
  bumpVersion: false,
  cloudApi: { tcbService: { request } },
  samManager: { uploadFile: async (files) => files.map(({ fileName }) => ({ codeUri: fileName })) },
};

const compiled = {};
for (const name of ['container', 'function']) {
  const { use, inputs } = rc.framework.plugins[name];
  const plugin = new (load(use).plugin)(use, api, inputs);
  if (plugin.containerApi)
    plugin.containerApi.upload = async () => ({ PackageName: 'package', PackageVersion: 'version' });
  await plugin.init();
  await plugin.build();
  compiled[name] = await plugin.compile();
}
console.log(JSON.stringify({ valid, errorText, compiled }));
process.exit();
