import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');

/** A file's path and text, and the paths of the repository's files that it imports, each once. */
type Source = { path: string; text: string; lines: number; imports: string[] };

const PACKAGES = readdirSync(join(ROOT, 'packages'));

/** Folders whose source files this test reads, packages as `packages/NAME/src`. */
const AREAS = ['functions', 'lib', 'contract', ...PACKAGES.map((name) => `packages/${name}/src`)];

const SOURCES = AREAS.flatMap((area) => filesIn(area)).map(sourceAt);
const TESTS = ['test', ...PACKAGES.map((name) => `packages/${name}/test`)]
  .flatMap((area) => filesIn(area))
  .map(sourceAt);
const SCRIPTS = ['bin', 'bench', 'docs'].flatMap((area) => filesIn(area)).map(sourceAt);
const FILES = [...SOURCES, ...TESTS, ...SCRIPTS];

/** Returns the TypeScript files below a folder, their paths relative to the repository. */
function filesIn(area: string): string[] {
  const folder = join(ROOT, area);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.d.ts') && !path.includes('node_modules'))
    .map((path) => join(area, path));
}

function sourceAt(path: string): Source {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const specifiers = [
    ...text.matchAll(/(?:from|import) '([^']+)'/g),
    ...text.matchAll(/import\('([^']+)'\)/g),
  ];
  return {
    path,
    text,
    lines: text.split('\n').length - 1,
    imports: [...new Set(specifiers.flatMap(([, specifier = '']) => importedFile(path, specifier)))],
  };
}

/** Returns the repository's file that an import specifier names, or nothing for any other module. */
function importedFile(importer: string, specifier: string): string[] {
  if (specifier.startsWith('.') && specifier.endsWith('.json')) return [];
  if (specifier.startsWith('.')) return [relative(ROOT, resolve(ROOT, dirname(importer), specifier))];
  const [, name] = /^@provider-call\/([\w-]+)/.exec(specifier) ?? [];
  if (name === undefined) return [];
  const module = specifier.split('/').slice(2).join('/');
  return [module === '' ? mainFile(name) : `packages/${name}/src/${module}.ts`];
}

/** Returns the file that the name of a package stands for. */
function mainFile(name: string): string {
  const { exports } = manifestOf(name);
  return join('packages', name, typeof exports === 'string' ? exports : exports['.']);
}

function manifestOf(name: string) {
  return JSON.parse(readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8'));
}

/** The entry files of the Lambda functions. */
const ENTRIES: ReadonlySet<string> = new Set(
  [
    'authorize',
    'create-provider-call',
    'create-provider-call-over-amqp',
    'get-provider-call',
    'list-provider-calls',
    'delete-provider-call',
    'reconcile-provider-calls',
    'reconcile-provider-calls-over-amqp',
    'enrich-provider-call-events',
  ].map((name) => `functions/${name}.ts`),
);

/** The generator of the client's types runs with the TypeScript of that package (docs/decisions, 0028). */
const IN_ITS_PACKAGE = 'packages/client/src/generate-types.ts';

/** The modules of packages/sip that read and write messages. */
const SIP_GRAMMAR = ['message', 'name-address', 'parse-message', 'scanner', 'uri'].map(sipModule);

/** The modules of packages/sip that run in a browser, as its exports.test.ts makes sure. */
const PURE_SIP = [...SIP_GRAMMAR, ...['call-end', 'clock', 'invite-plan'].map(sipModule)];

function sipModule(name: string): string {
  return `packages/sip/src/${name}.ts`;
}

/** Which areas or modules the files of an area may import, besides their own. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  functions: [],
  contract: ['functions', 'packages/platform', 'packages/client'],
  lib: ['functions', 'contract', 'packages/platform', 'packages/console'],
  'packages/sip': [],
  'packages/client': [],
  'packages/evidence': SIP_GRAMMAR,
  'packages/console': ['packages/evidence', 'packages/client', ...PURE_SIP],
  'packages/cli': ['packages/client', 'packages/evidence', ...PURE_SIP],
  'packages/platform': ['functions', 'contract', 'packages/sip', 'packages/evidence'],
  'packages/local': ['functions', 'contract', 'lib', 'packages/sip', 'packages/platform', 'packages/console'],
};

/** Where functions' own folders may look: entry → logic → the ports it declares ← store and backends. */
const FUNCTIONS_MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'functions/outbound': [],
  'functions/log': [],
  'functions/provider-calls': ['functions/log'],
  'functions/backends': [
    'functions/provider-calls/creation-period.ts',
    'functions/provider-calls/ports.ts',
    'functions/provider-calls/provider-call.ts',
    'functions/outbound',
  ],
  'functions/auth': [
    'functions/http/repeated-values.ts',
    'functions/outbound',
    'functions/provider-calls/provider-call.ts',
  ],
  'functions/http': ['functions/log', 'functions/provider-calls/provider-call.ts'],
  'functions/events': ['functions/provider-calls'],
};

function areaOf(path: string): string {
  return path.startsWith('packages/') ? path.split('/').slice(0, 2).join('/') : (path.split('/')[0] ?? path);
}

/** Returns whether a path is one of these, or lies below one that is a folder. */
function isBelow(path: string, ones: readonly string[]): boolean {
  return ones.some((one) => path === one || path.startsWith(`${one}/`));
}

describe('dependencies', () => {
  test.each(Object.entries(MAY_IMPORT))('%s imports only itself and %j', (area, allowed) => {
    const forbidden = SOURCES.filter(({ path }) => areaOf(path) === area).flatMap(({ path, imports }) =>
      imports
        .filter((imported) => areaOf(imported) !== area && !isBelow(imported, allowed))
        .map((imported) => `${path} → ${imported}`),
    );
    expect(forbidden).toEqual([]);
  });

  test('every area has a rule', () => {
    expect(
      [...new Set(SOURCES.map(({ path }) => areaOf(path)))].filter((area) => !(area in MAY_IMPORT)),
    ).toEqual([]);
  });

  test.each(Object.entries(FUNCTIONS_MAY_IMPORT))(
    '%s imports only its own, the shared files and %j',
    (folder, allowed) => {
      const forbidden = SOURCES.filter(({ path }) => path.startsWith(`${folder}/`)).flatMap(
        ({ path, imports }) =>
          imports
            .filter((imported) => dirname(imported) !== 'functions' && !imported.startsWith(`${folder}/`))
            .filter((imported) => !isBelow(imported, allowed))
            .map((imported) => `${path} → ${imported}`),
      );
      expect(forbidden).toEqual([]);
    },
  );

  test('no file of functions imports a function’s entry file', () => {
    expect(SOURCES.flatMap(({ imports }) => imports).filter((imported) => ENTRIES.has(imported))).toEqual([]);
  });
});

describe('manifests', () => {
  // Vitest runs from the root, whose configuration has a project for each suite.
  const SHARED = ['vitest'];

  test.each(PACKAGES)('packages/%s declares every package that it imports', (name) => {
    const { dependencies, devDependencies } = manifestOf(name);
    const declared = new Set([...Object.keys({ ...dependencies, ...devDependencies }), ...SHARED]);
    const undeclared = filesIn(`packages/${name}`).flatMap((path) =>
      packagesIn(readFileSync(join(ROOT, path), 'utf8'))
        .filter((imported) => imported !== `@provider-call/${name}`)
        .filter((imported) => !declared.has(imported) && !declared.has(`@types/${imported}`))
        .map((imported) => `${path} → ${imported}`),
    );
    expect(undeclared).toEqual([]);
  });

  /** Returns the packages that a text imports: neither its own files nor the modules of Node. */
  function packagesIn(text: string): string[] {
    const specifiers = [...text.matchAll(/(?:from|import) '([^'.][^']*)'|import\('([^'.][^']*)'\)/g)];
    return specifiers
      .map(([, named, whole]) => named ?? whole ?? '')
      .filter((specifier) => /^@?[a-z]/.test(specifier) && !specifier.startsWith('node:'))
      .map((specifier) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/'));
  }
});

describe('files', () => {
  test('functions/http has at most eight files', () => {
    expect(filesIn('functions/http').length).toBeLessThanOrEqual(8);
  });

  test('a file of twenty lines or fewer has several importers, or none', () => {
    const small = FILES.filter(({ path, lines }) => lines <= 20 && !ENTRIES.has(path));
    expect(
      small
        .filter(({ path }) => FILES.filter(({ imports }) => imports.includes(path)).length === 1)
        .map(({ path }) => path),
    ).toEqual([IN_ITS_PACKAGE]);
  });
});

describe('style', () => {
  // The formatter leaves nothing but top-level statements at the start of a line.
  const ARROW_FUNCTION =
    /^(?:export )?const (\w+)[^=\n]*=\s+(?:async )?(?:<[^=]*?>)?(?:\w+|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))(?::[^=]*)? =>/gm;
  const CONSTANT = /^(?:export )?const (\w+)(?:: ([^=]+?))? =\s+((?:.|\n(?=[\s)\]}]))*);$/gm;
  const LITERAL =
    /^(?:'[^']*'|"[^"]*"|`[^`$]*`|-?[\d_.]+n?(?: [-+*/] [\d_.]+n?)*|true|false|null|\/.*\/\w*)$/;
  const FUNCTION = /^(export )?(?:async )?function\*? (\w+)/gm;

  test('every top-level function is a declaration', () => {
    expect(
      FILES.flatMap(({ path, text }) =>
        [...text.matchAll(ARROW_FUNCTION)].map(([, name]) => `${path}: ${name}`),
      ),
    ).toEqual([]);
  });

  test('every top-level constant that is a literal or read-only is in upper case', () => {
    expect(
      FILES.flatMap(({ path, text }) =>
        [...text.matchAll(CONSTANT)]
          .filter(([, name = '']) => !/^[A-Z][A-Z0-9_]*$/.test(name))
          .filter(
            ([, , type = '', value = '']) =>
              LITERAL.test(value) || value.endsWith(' as const') || /^[Rr]eadonly\b/.test(type),
          )
          .map(([, name]) => `${path}: ${name}`),
      ),
    ).toEqual([]);
  });

  test('a file’s own functions stand below the first that it exports', () => {
    expect(
      FILES.flatMap(({ path, text }) => {
        const functions = [...text.matchAll(FUNCTION)];
        const first = functions.findIndex(([, exported]) => exported !== undefined);
        return functions.slice(0, Math.max(first, 0)).map(([, , name]) => `${path}: ${name}`);
      }),
    ).toEqual([]);
  });
});

describe('documents', () => {
  const documents = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.md') && !/(^|\/)(node_modules|cdk\.out)\//.test(path),
  );

  const texts = documents.map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));

  test('every link of a document leads to a file of the repository', () => {
    expect(
      texts.flatMap(({ path, text }) =>
        [...text.matchAll(/\]\(([^)\s#:]+)(?:#[^)]*)?\)/g)]
          .filter(([, target = '']) => !existsSync(join(ROOT, dirname(path), target)))
          .map(([, target]) => `${path} → ${target}`),
      ),
    ).toEqual([]);
  });

  test('every npm script that a document names exists', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(
      texts.flatMap(({ path, text }) =>
        [...text.matchAll(/npm run (?:-s )?([\w:]+)/g)]
          .filter(([, name = '']) => !(name in scripts))
          .map(([, name]) => `${path}: ${name}`),
      ),
    ).toEqual([]);
  });

  // Node runs TypeScript from version 22.18 on, which npm scripts find first and a shell may not.
  test('no document has a command that runs a TypeScript file with Node', () => {
    expect(
      texts.filter(({ text }) => /(?:^|[`$] ?)node [\w./-]+\.m?ts\b/m.test(text)).map(({ path }) => path),
    ).toEqual([]);
  });
});

describe('decisions', () => {
  const folder = join(ROOT, 'docs/decisions');
  const decisions = readdirSync(folder)
    .filter((name) => name !== 'README.md')
    .sort();
  const headings = (name: string) =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading);

  test.each(decisions)('%s has context, decision, alternatives and cost', (name) => {
    expect(headings(name).slice(1)).toEqual(['Context', 'Decision', 'Alternatives', 'Cost']);
  });

  test.each(decisions)('%s is named for its title', (name) => {
    const [title = ''] = headings(name);
    const words =
      title
        .toLowerCase()
        .replace(/['’.]/g, '')
        .match(/[a-z0-9]+/g) ?? [];
    expect(name.slice(5)).toBe(`${words.join('-')}.md`);
  });

  test('the index has every decision with its number, title and file, in order', () => {
    const rows = readFileSync(join(folder, 'README.md'), 'utf8').match(/^\| \d.*$/gm);
    expect(rows).toEqual(
      decisions.map((name) => `| ${name.slice(0, 4)} | [${headings(name)[0]}](${name}) |`),
    );
  });

  test('no two decisions have one number', () => {
    const numbers = decisions.map((name) => name.slice(0, 4));
    expect(numbers).toEqual([...new Set(numbers)]);
  });
});

/** What only tests import, each with why the test cannot go through what the program imports. */
const EXPORTED_FOR_TESTS: Readonly<Record<string, string>> = {
  'functions/auth/signing-keys.ts: parseSigningKeys': 'a table of secrets, which need no Secrets Manager',
  'functions/backends/backend.ts: outcomeOfError': 'errors of the network that no test can cause at will',
  'functions/http/error-response.ts: errorResponse': 'the contract’s test presents every reason',
  'functions/http/response.ts: crossOriginHeaders': 'it is configured when the module is loaded',
  'functions/list-provider-calls.ts: listInputOf': 'a table of queries, none of which needs a table',
  'lib/console-logs.ts: LOGGED_FIELDS': 'every field is compared with what a credential may be in',
  'lib/console-site.ts: PAGE_FUNCTION': 'CloudFront’s function is run as it is deployed',
  'packages/console/src/page/polling.ts: nextDelay': 'a table of delays',
  'packages/local/src/control.ts: controlSocket': 'where a killed system leaves its socket',
  'packages/local/src/template/assembly.ts: parseResources': 'templates of a few lines',
  'packages/platform/src/customers.ts: customerSchema': 'the seed is checked with it',
  'packages/platform/src/demo-carrier.ts: DEMO_CREDENTIALS': 'the caller’s side of the challenge',
  'packages/platform/src/dialroutes.ts: countryCodeOf': 'a table of the country codes of E.164',
  'packages/platform/src/manager-rpc.ts: responseTo':
    'the broker of the fault suites serves managers in process',
  'packages/platform/src/providers.ts: isDeleted': 'the seed is checked with it',
  'packages/sip/src/call-capture.ts: CAPTURE_LIMITS': 'the flood is larger than the limits',
  'packages/sip/src/digest.ts: authorizationValue': 'the RFCs’ examples have a cnonce of their own',
  'packages/sip/src/digest.ts: parseChallenge': 'a table of challenges',
  'packages/sip/src/locate-server.ts: orderSrvRecords': 'the random number is chosen',
};

describe('exports', () => {
  const VALUE = /^export (?:async )?(?:const|function\*?|class|abstract class) (\w+)/gm;

  /** Returns the names that a file imports from others, as `path: name`; `path: *` where it takes the whole module. */
  function importedNames({ path, text }: Source): string[] {
    const named = [...text.matchAll(/^(?:import|export) [^;]*? ?from '([^']+)'/gm)].flatMap(
      ([statement, specifier = '']) => {
        const [, names] = /\{([^}]*)\}/.exec(statement) ?? [];
        const each = names?.split(',').map((name) =>
          name
            .trim()
            .replace(/^type /, '')
            .replace(/ as .*/, ''),
        ) ?? ['*'];
        return importedFile(path, specifier).flatMap((from) => each.map((name) => `${from}: ${name}`));
      },
    );
    const whole = [...text.matchAll(/import\('([^']+)'\)/g)].flatMap(([, specifier = '']) =>
      importedFile(path, specifier).map((from) => `${from}: *`),
    );
    return [...named, ...whole];
  }

  const byProgram = new Set([...SOURCES, ...SCRIPTS].flatMap(importedNames));
  const byTests = new Set(TESTS.flatMap(importedNames));
  const isIn = (names: ReadonlySet<string>, path: string, name: string) =>
    names.has(`${path}: ${name}`) || names.has(`${path}: *`);
  const onlyForTests = SOURCES.flatMap(({ path, text }) =>
    [...text.matchAll(VALUE)]
      .map(([, name = '']) => name)
      .filter((name) => name !== 'handler' && isIn(byTests, path, name) && !isIn(byProgram, path, name))
      .map((name) => `${path}: ${name}`),
  );

  test('what only tests import is a function’s handler or has a reason', () => {
    expect(onlyForTests.filter((name) => !(name in EXPORTED_FOR_TESTS))).toEqual([]);
  });

  test('every reason for an export is still needed', () => {
    expect(Object.keys(EXPORTED_FOR_TESTS).filter((name) => !onlyForTests.includes(name))).toEqual([]);
  });
});

const BY_DOCUMENT = 'test/contract/openapi-document.test.ts checks the document that is generated from it';
const BY_BROWSER = 'packages/console/test/browser drives the page in a real browser';
const BY_TEMPLATE = 'the tests of the stack’s parts check the template that it ends up in';

/** Files over forty lines without a test of the same name, each with how it is tested. */
const TESTED_ELSEWHERE: Readonly<Record<string, string>> = {
  'functions/handlers/reconcile-handler.ts':
    'test/functions/reconcile-provider-calls.test.ts tests the function that it is the handler of',
  'functions/provider-calls/ports.ts':
    'types, an error class and constants, which the tests of create and backends use',
  'contract/errors.ts': BY_DOCUMENT,
  'contract/examples.ts': BY_DOCUMENT,
  'contract/json-schemas.ts': BY_DOCUMENT,
  'contract/operations.ts': BY_DOCUMENT,
  'contract/response-schemas.ts': BY_DOCUMENT,
  'contract/schemas.ts': BY_DOCUMENT,
  'lib/custom-domain.ts': BY_TEMPLATE,
  'lib/function-bundles.ts': 'test/lib/bundle-size.test.ts builds and measures the bundles',
  'lib/metrics.ts': BY_TEMPLATE,
  'lib/operator-dashboard.ts': BY_TEMPLATE,
  'packages/client/src/api.ts': 'generated; test/contract/committed-files.test.ts compares it',
  'packages/console/src/page/app.tsx': BY_BROWSER,
  'packages/console/src/page/hooks.ts': BY_BROWSER,
  'packages/evidence/src/platform-records.ts': 'types only',
  'packages/local/src/assembly-cache.ts': 'build-cache.test.ts and every test that starts the local system',
  'packages/local/src/lambda/function-instance.ts': 'function-pool.test.ts drives it',
  'packages/local/src/lambda/function-thread.ts': 'function-pool.test.ts drives it',
  'packages/local/src/template/resource-schemas.ts': 'the tests of the other template files parse with it',
  'packages/platform/src/call-records.ts': 'calls.test.ts and live-calls.test.ts read and write through it',
  'packages/platform/src/dialer.ts': 'types only',
  'packages/sip/src/client-transaction.ts': 'the base of two transactions, each of which has its test',
  'packages/platform/src/demo-call.ts': 'demo-carrier.test.ts places calls to it',
};

/** The page's parts and views, which packages/console/test/browser drives in a real browser. */
const DRIVEN_BY_BROWSER = /^packages\/console\/src\/page\/(parts|views)\//;

describe('tests', () => {
  const hasTest = (path: string): boolean => {
    const name = basename(path).replace(/\.tsx?$/, '');
    const area = path.startsWith('packages/') ? `${areaOf(path)}/test/` : `test/${areaOf(path)}/`;
    return TESTS.some(
      (test) =>
        test.path.startsWith(area) &&
        new RegExp(`^${name}\\.(test|suite|faults|amqp)\\.tsx?$`).test(basename(test.path)),
    );
  };
  const untested = SOURCES.filter(
    ({ path, lines }) => lines > 40 && !hasTest(path) && !DRIVEN_BY_BROWSER.test(path),
  ).map(({ path }) => path);

  test('every source file over forty lines has a test of the same name, or a reason not to', () => {
    expect(untested.filter((path) => !(path in TESTED_ELSEWHERE))).toEqual([]);
  });

  test('every reason is still needed', () => {
    expect(Object.keys(TESTED_ELSEWHERE).filter((path) => !untested.includes(path))).toEqual([]);
  });
});
