/**
 * Writes the API reference of one package as Markdown, with typedoc. Every warning is an error: a public name without documentation, a
 * type that is used but not exported, a link that leads nowhere.
 * Run as a program: the package as JSON, and the folder to write.
 */
import { join } from 'node:path';
import {
  Application,
  Converter,
  DeclarationReflection,
  LogLevel,
  OptionDefaults,
  type ProjectReflection,
  type Reflection,
  ReflectionKind,
  SignatureReflection,
  type TypeDocOptions,
} from 'typedoc';
import type { PluginOptions } from 'typedoc-plugin-markdown';
import { type DocumentedPackage, NAVIGATION_FILE } from '../packages.ts';

/** As package.json has it. */
const PROJECT = 'cloudbase-realtime-voice';
/** Members whose names begin with it are the package's own, whatever TypeScript lets others see. */
const OWN = /^_[a-z]/;

function removeOwnMembers(project: ProjectReflection): void {
  const own = project.getReflectionsByKind(ReflectionKind.ClassMember).filter(({ name }) => OWN.test(name));
  for (const member of own) project.removeReflection(member);
}

/** Members are where readers look for them, in the class that is exported; that they come from another one tells them nothing. */
function hideInnerClasses(project: ProjectReflection, inner: readonly string[]): void {
  for (const reflection of Object.values(project.reflections))
    if (reflection instanceof DeclarationReflection || reflection instanceof SignatureReflection) {
      delete reflection.inheritedFrom;
      delete reflection.overwrites;
    }
  for (const reflection of project.getReflectionsByKind(ReflectionKind.Class) as DeclarationReflection[])
    if (reflection.extendedTypes?.some((type) => 'name' in type && inner.includes(String(type.name))))
      delete reflection.extendedTypes;
}

/**
 * What a constant table has in its rows: its own documentation says what they are, and its page shows their values.
 * @returns names, as typedoc reports them
 */
function tableRows(project: ProjectReflection): string[] {
  const isInTable = (reflection: Reflection): boolean => {
    const { parent } = reflection;
    return parent !== undefined && (parent.kindOf(ReflectionKind.Variable) || isInTable(parent));
  };
  return project
    .getReflectionsByKind(ReflectionKind.Property)
    .filter((property) => !property.hasComment() && isInTable(property))
    .map((property) => property.getFriendlyFullName());
}

/** Gives the modules the names of the entries, in whose order they are. */
function nameModules(project: ProjectReflection, { name, entries }: DocumentedPackage): void {
  const modules = project.getChildrenByKind(ReflectionKind.Module);
  const names = Object.entries(entries);
  for (const [at, [entry, file]] of names.entries()) {
    const module = modules[at];
    if (module === undefined || modules.length !== names.length || !file.endsWith(`${module.name}.ts`))
      throw new Error(`${name}: the modules are not the entries: ${modules.map((one) => one.name)}`);
    module.name = entry;
  }
}

async function writeReference(wanted: DocumentedPackage, root: string, out: string): Promise<void> {
  const { name, entries, inner } = wanted;
  const folder = join(root, wanted.folder);
  const options: Partial<TypeDocOptions> & Partial<PluginOptions> = {
    name,
    tsconfig: join(folder, wanted.tsconfig),
    sortEntryPoints: false,
    entryPoints: Object.values(entries).map((file) => join(folder, file)),
    alwaysCreateEntryPointModule: true,
    plugin: ['typedoc-plugin-markdown'],
    out,
    readme: 'none',
    // `@alias` is for knip
    blockTags: [...OptionDefaults.blockTags, '@alias'],
    excludeTags: [...OptionDefaults.excludeTags, '@alias'],
    disableSources: true,
    disableGit: true,
    excludePrivate: true,
    excludeProtected: true,
    excludeInternal: true,
    intentionallyNotExported: [...inner],
    validation: { notExported: true, invalidLink: true, notDocumented: true },
    // and what a package exports of the contract, whose sources belong to the project
    packagesRequiringDocumentation: [name, PROJECT],
    logLevel: LogLevel.Warn,
    entryFileName: 'index',
    hidePageHeader: true,
    navigationJson: join(out, NAVIGATION_FILE),
    useCodeBlocks: true,
    expandObjects: true,
    parametersFormat: 'table',
    typeAliasPropertiesFormat: 'table',
    typeDeclarationFormat: 'table',
  };
  const app = await Application.bootstrapWithPlugins(options);
  // before typedoc groups them
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => removeOwnMembers(project));
  const project = await app.convert();
  if (project === undefined) throw new Error(`${name}: its sources do not compile`);
  hideInnerClasses(project, inner);
  nameModules(project, wanted);
  app.options.setValue('intentionallyNotDocumented', tableRows(project));
  app.validate(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings())
    throw new Error(`${name}: ${app.logger.errorCount} errors, ${app.logger.warningCount} warnings`);
  await app.generateOutputs(project);
}

const [wanted = '', root = '', out = ''] = process.argv.slice(2);
await writeReference(JSON.parse(wanted) as DocumentedPackage, root, out);
