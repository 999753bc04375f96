import { createInterface } from 'node:readline/promises';
import { CliError, EXIT } from './cli-error.ts';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

/** Where a command writes and whom it asks. */
export type Terminal = {
  /**
   * Whether stdout is a terminal, so that tables are aligned and lines may be rewritten. Otherwise output is plain
   * lines.
   */
  isFormatted: boolean;
  /** Whether a user can be asked, because stdin and stderr are terminals. */
  isInteractive: boolean;
  /** Columns of the terminal; 120 without one. */
  columns(): number;
  /** Writes a line of the result to stdout. */
  print(line: string): void;
  /** Writes text to stdout unchanged. */
  write(text: string): void;
  /** Writes a line for the user to stderr. */
  note(line: string): void;
  /** Colours text if stdout is a terminal and NO_COLOR is not set. */
  style(style: Style, text: string): string;
  /** Asks a yes-or-no question. Only y and yes mean yes. */
  confirm(question: string, signal?: AbortSignal): Promise<boolean>;
  /** Asks for input that must not be shown. */
  askHidden(question: string): Promise<string>;
  /** Reads stdin to its end. */
  readInput(): Promise<string>;
};

const CODES: Record<Style, number> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 };

/** Returns the terminal, or the pipes, of this process. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  const isColoured = stdout.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return {
    isFormatted: stdout.isTTY === true && env['TERM'] !== 'dumb',
    isInteractive: stdin.isTTY === true && stderr.isTTY === true,
    // It is 0 if a terminal does not know its own size.
    columns: () => stdout.columns || 120,
    print: (line) => void stdout.write(`${line}\n`),
    write: (text) => void stdout.write(text),
    note: (line) => void stderr.write(`${line}\n`),
    style: (style, text) => (isColoured ? `\x1b[${CODES[style]}m${text}\x1b[0m` : text),
    confirm: async (question, signal) => {
      const lines = createInterface({ input: stdin, output: stderr });
      // Ctrl-C during a question is handled by the code that asked it.
      lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
      try {
        const answer = await lines.question(`${question} [y/N] `, signal === undefined ? {} : { signal });
        return /^y(es)?$/i.test(answer.trim());
      } finally {
        lines.close();
      }
    },
    askHidden,
    readInput: async () => {
      let text = '';
      for await (const chunk of stdin.setEncoding('utf8')) text += chunk;
      return text;
    },
  };
}

/** Reads a line in raw mode, so that the terminal does not echo it. */
async function askHidden(question: string): Promise<string> {
  const { stdin, stderr } = process;
  // The terminal echoes what is typed before raw mode, so the question comes after.
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  let text = '';
  try {
    stderr.write(question);
    for await (const chunk of stdin) {
      for (const character of String(chunk)) {
        if (character === '\r' || character === '\n' || character === '\u0004') return text;
        if (character === '\u0003') throw new CliError(EXIT.interrupted, 'interrupted');
        text = character === '\u007f' || character === '\b' ? text.slice(0, -1) : text + character;
      }
    }
    return text;
  } finally {
    stdin.setRawMode(false);
    stderr.write('\n');
  }
}
