import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The input of a template: the request's headers as sent, and `$context` by path. */
export type TemplateInput = {
  template: string;
  headers?: Record<string, string>;
  context?: Record<string, string>;
};

export type TemplateOutput = {
  body: string;
  /** What the template put into `$context.responseOverride.header`. */
  overriddenHeaders: Record<string, string>;
};

/** Debian's packages `velocity` (1.7) and what it depends on. */
const JARS = ['velocity', 'commons-collections3', 'commons-lang'].map(
  (name) => `/usr/share/java/${name}.jar`,
);

/**
 * Evaluates templates in the real Apache Velocity.
 *
 * @throws {Error} with Java's own words when the packages `velocity` and `openjdk-17-jdk-headless` are not installed
 */
export function evaluateTemplates(inputs: readonly TemplateInput[]): TemplateOutput[] {
  const classes = mkdtempSync(join(tmpdir(), 'provider-call-velocity-'));
  try {
    const source = join(import.meta.dirname, 'RunTemplates.java');
    execFileSync('javac', ['-cp', JARS.join(':'), '-d', classes, source]);
    const { status, stdout, stderr } = spawnSync(
      'java',
      ['-cp', [...JARS, classes].join(':'), 'RunTemplates'],
      { input: inputs.map(commandsOf).join(''), encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(stderr);
    return outputsOf(stdout);
  } finally {
    rmSync(classes, { recursive: true, force: true });
  }
}

function commandsOf({ template, headers = {}, context = {} }: TemplateInput): string {
  return [
    line('template', template),
    ...Object.entries(headers).map(([name, value]) => line('header', name, value)),
    ...Object.entries(context).map(([path, value]) => line('context', path, value)),
    line('run'),
  ].join('');
}

function line(command: string, ...words: string[]): string {
  return `${[command, ...words.map((word) => Buffer.from(word).toString('base64'))].join(' ')}\n`;
}

function outputsOf(stdout: string): TemplateOutput[] {
  return stdout
    .split('done\n')
    .slice(0, -1)
    .map((run) => {
      const lines = run.split('\n').map((text) => text.split(' '));
      const body = lines.find(([command]) => command === 'body')?.[1] ?? '';
      const overrides = lines.filter(([command]) => command === 'override');
      return {
        body: decode(body),
        overriddenHeaders: Object.fromEntries(
          overrides.map(([, name = '', value = '']) => [decode(name), decode(value)]),
        ),
      };
    });
}

function decode(word: string): string {
  return Buffer.from(word, 'base64').toString('utf8');
}
