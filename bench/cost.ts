import { measureLoggedBytes } from './logged-bytes.ts';
import { digits, readRows, table, writeSection } from './report.ts';

/*
 * What a million of each request costs, and what it would cost an Express application in one function: list prices,
 * the processor times of the section on warm requests, and the bytes that each request logs on the local system.
 */

/** USD, us-east-1, AWS's public price list as of November 2025, without free tiers and volume discounts. */
const PRICES = {
  /** API Gateway, REST, a million requests. */
  gateway: 3.5,
  /** Lambda, a million invocations. */
  invocations: 0.2,
  /** Lambda on arm64, a GB-second. */
  gigabyteSecond: 0.0000133334,
  /** DynamoDB on demand, a million write and read request units. */
  writes: 0.625,
  reads: 0.125,
  /** CloudWatch Logs, a GB of ingestion. */
  logs: 0.5,
};

/** The memory of every function that serves the API. */
const MEMORY_MB = 512;
/** Memory at which Lambda gives a function one whole processor (Lambda Developer Guide, "Configure memory"). */
const WHOLE_PROCESSOR_MB = 1_769;

/** Assumed waiting times in milliseconds: for one DynamoDB operation, and for one request to a backend. */
const WAIT = { dynamodb: 5, backend: 30 };

type Request = {
  /** The name used in the section on warm requests. */
  name: string;
  operations: number;
  backendRequests: number;
  /** Request units of items below 1 KB (docs/operations.md, Limits), indexes included. */
  writeUnits: number;
  readUnits: number;
};

const REQUESTS: Request[] = [
  // The intent: table, open. The record: table, out of open, into by-customer and by-provider.
  { name: 'create', operations: 2, backendRequests: 2, writeUnits: 6, readUnits: 0 },
  // Plus the flow's id on the intent: table, open.
  {
    name: 'create with inline actions',
    operations: 3,
    backendRequests: 3,
    writeUnits: 8,
    readUnits: 0,
  },
  { name: 'get', operations: 1, backendRequests: 0, writeUnits: 0, readUnits: 1 },
  // 80 KB of an index, read with eventual consistency: half a unit for 4 KB.
  { name: 'list of 100', operations: 1, backendRequests: 0, writeUnits: 0, readUnits: 10 },
  // Table, out of by-customer and by-provider.
  { name: 'delete', operations: 1, backendRequests: 0, writeUnits: 3, readUnits: 0 },
];

const HEAD = ['a million of', 'API Gateway', 'authorizer', 'function', 'DynamoDB', 'logs', 'USD'];

const warmRows = readRows('warm');
/** Milliseconds. */
const authorizerBilled = billed(0, processorTime('authorize'));
const bytesByRequest = await measureLoggedBytes();
const costs = REQUESTS.map(costOf);

writeSection(
  'cost',
  [table(HEAD, costs.map(rowOf)), ...REQUESTS.slice(0, 1).map(example)].join('\n\n'),
  'operations.md',
);
writeSection(
  'cost',
  [
    '`npm run bench:cost -- --write`.',
    '',
    table(
      [...HEAD, 'Express: function + logs', 'Express: USD', '÷ Express', '÷ Express, without the authorizer'],
      costs.map((cost) => [
        ...rowOf(cost),
        `${usd(cost.express.function)} + ${usd(cost.express.logs)}`,
        `**${usd(sum(cost.express))}**`,
        usd(sum(cost.ours) / sum(cost.express)),
        usd((sum(cost.ours) - cost.ours.authorizer) / sum(cost.express)),
      ]),
    ),
    '',
    `Bytes of log a request, on this run's local system: ${REQUESTS.map((request) => `${request.name} ${loggedBytes(request)}`).join(', ')}.`,
  ].join('\n'),
);

/** Returns the milliseconds of a whole core's time that a request takes: the median in the section on warm requests. */
function processorTime(name: string): number {
  const [text = 'none'] = warmRows.get(name) ?? [];
  const value = Number.parseFloat(text);
  if (!Number.isFinite(value))
    throw new Error(
      `docs/performance.md has no processor time of "${name}": npm run bench:request -- --write`,
    );
  return value;
}

/**
 * Milliseconds that an invocation is billed for: its waits, plus its work on its share of a processor. Lambda rounds up
 * to 1 ms.
 */
function billed(waiting: number, working: number): number {
  return Math.ceil(waiting + working * (WHOLE_PROCESSOR_MB / MEMORY_MB));
}

/** USD for a million invocations of this many milliseconds. */
function lambda(milliseconds: number): number {
  return PRICES.invocations + milliseconds * 1_000 * (MEMORY_MB / 1_024) * PRICES.gigabyteSecond;
}

/** USD for a million times this many bytes of log. */
function logs(bytes: number): number {
  return (bytes / 1_000) * PRICES.logs;
}

function usd(value: number) {
  return digits(value, 2);
}

function sum(parts: Record<string, number>) {
  return Object.values(parts).reduce((all, value) => all + value, 0);
}

function functionBilled({ operations, backendRequests }: Request, working: number): number {
  return billed(operations * WAIT.dynamodb + backendRequests * WAIT.backend, working);
}

/** Bytes of log for one request. They are the same for an Express application with the same log settings. */
function loggedBytes({ name }: Request): number {
  const bytes = bytesByRequest.get(name);
  if (bytes === undefined) throw new Error(`no log lines of "${name}"`);
  return bytes;
}

function costOf(request: Request) {
  const { name, writeUnits, readUnits } = request;
  const shared = { gateway: PRICES.gateway, dynamodb: writeUnits * PRICES.writes + readUnits * PRICES.reads };
  const ours = {
    ...shared,
    authorizer: lambda(authorizerBilled),
    function: lambda(functionBilled(request, processorTime(name))),
    logs: logs(loggedBytes(request)),
  };
  const express = {
    ...shared,
    function: lambda(functionBilled(request, processorTime(`Express: ${name}`))),
    logs: logs(loggedBytes(request)),
  };
  return { name, ours, express };
}

function rowOf({ name, ours }: ReturnType<typeof costOf>): string[] {
  return [
    name,
    ...[ours.gateway, ours.authorizer, ours.function, ours.dynamodb, ours.logs].map(usd),
    `**${usd(sum(ours))}**`,
  ];
}

/** Spells out the calculation for the first request. */
function example(request: Request): string {
  const { name, operations, backendRequests, writeUnits } = request;
  const seconds = (billedMs: number) =>
    `${billedMs} ms × ${MEMORY_MB / 1_024} GB × ${PRICES.gigabyteSecond} × 10³`;
  const working = processorTime(name);
  const waiting = `${operations} × ${WAIT.dynamodb} ms for DynamoDB, ${backendRequests} × ${WAIT.backend} ms for backends`;
  return [
    `For example a ${name}. API Gateway: ${usd(PRICES.gateway)}.`,
    `Authorizer: ${usd(PRICES.invocations)} for the invocation + ${seconds(authorizerBilled)}.`,
    `Function: ${usd(PRICES.invocations)} + ${seconds(functionBilled(request, working))}; it waits ${waiting}, and works ${digits(working, 1)} ms of a whole processor, of which it has ${MEMORY_MB} ÷ ${WHOLE_PROCESSOR_MB}.`,
    `DynamoDB: ${writeUnits} write units × ${PRICES.writes}.`,
    `Logs: ${loggedBytes(request)} bytes × ${digits(PRICES.logs, 2)} a GB.`,
  ].join('\n');
}
