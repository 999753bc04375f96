import { digits, table, writeSection } from './report.ts';

/*
 * What a million of each request costs, and what it would cost an Express application in one function. Arithmetic on
 * list prices: no figure here is measured but those that say so.
 */

/** USD, us-east-1, AWS's public price list as of November 2025, without free tiers and volume discounts. */
const prices = {
  /** API Gateway, REST, a million requests. */
  gateway: 3.5,
  /** Lambda, a million invocations. */
  invocations: 0.2,
  /** Lambda on arm64, a GB-second. */
  gigabyteSecond: 0.0000133334,
  /** DynamoDB on demand, a million write and read request units. */
  writes: 0.625,
  reads: 0.125,
  /** CloudWatch Logs, a GB taken in. */
  logs: 0.5,
};

/** Of every function that serves the API. */
const MEMORY_MB = 512;
/** Memory at which Lambda gives a function one whole processor (Lambda Developer Guide, "Configure memory"). */
const WHOLE_PROCESSOR_MB = 1_769;

/** Milliseconds of waiting, assumed: for one DynamoDB operation, and for one request to a backend. */
const WAIT = { dynamodb: 5, backend: 30 };

/** Bytes of log, counted on the local system: authorizer's line, function's line, access log. */
const LINES = { authorizer: 690, function: 790, access: 400 };
/** Bytes that Lambda itself logs of an invocation in JSON (platform.start and platform.report), estimated. */
const PLATFORM_LINES = 520;

type Request = {
  name: string;
  /** Processor time of a whole core in milliseconds, from the section on warm requests. */
  ours: number;
  express: number;
  operations: number;
  backendRequests: number;
  /** Request units of items below 1 KB (a record of one call has 800 bytes), indexes included. */
  writeUnits: number;
  readUnits: number;
};

/** The authorizer's, with a token; an access key adds one read. */
const AUTHORIZE_MS = 0.1;

const requests: Request[] = [
  // The intent: table, open. The record: table, out of open, into by-customer and by-provider.
  { name: 'create', ours: 2.6, express: 4, operations: 2, backendRequests: 2, writeUnits: 6, readUnits: 0 },
  // And the flow's id on the intent: table, open.
  {
    name: 'create with inline actions',
    ours: 3.5,
    express: 5,
    operations: 3,
    backendRequests: 3,
    writeUnits: 8,
    readUnits: 0,
  },
  { name: 'get', ours: 0.7, express: 0.8, operations: 1, backendRequests: 0, writeUnits: 0, readUnits: 1 },
  // 80 KB of an index, read without consistency: half a unit for 4 KB.
  {
    name: 'list of 100',
    ours: 1.8,
    express: 2.6,
    operations: 1,
    backendRequests: 0,
    writeUnits: 0,
    readUnits: 10,
  },
  // Table, out of by-customer and by-provider.
  { name: 'delete', ours: 0.9, express: 1.1, operations: 1, backendRequests: 0, writeUnits: 3, readUnits: 0 },
];

/** USD for a million invocations that wait and work so many milliseconds each. Lambda rounds up to one. */
const lambda = (waiting: number, working: number): number => {
  const milliseconds = Math.ceil(waiting + working * (WHOLE_PROCESSOR_MB / MEMORY_MB));
  return prices.invocations + milliseconds * 1_000 * (MEMORY_MB / 1_024) * prices.gigabyteSecond;
};

/** USD for a million times so many bytes of log. */
const logs = (bytes: number): number => (bytes / 1_000) * prices.logs;

const usd = (value: number) => digits(value, 2);

const rows = requests.map(({ name, ours, express, ...request }) => {
  const waiting = request.operations * WAIT.dynamodb + request.backendRequests * WAIT.backend;
  const dynamodb = request.writeUnits * prices.writes + request.readUnits * prices.reads;
  const parts = {
    gateway: prices.gateway,
    authorizer: lambda(0, AUTHORIZE_MS),
    function: lambda(waiting, ours),
    dynamodb,
    logs: logs(LINES.authorizer + LINES.function + LINES.access + 2 * PLATFORM_LINES),
  };
  const inExpress = {
    gateway: prices.gateway,
    function: lambda(waiting, express),
    dynamodb,
    logs: logs(LINES.function + LINES.access + PLATFORM_LINES),
  };
  const sum = (values: Record<string, number>) =>
    Object.values(values).reduce((all, value) => all + value, 0);
  return [
    name,
    usd(parts.gateway),
    usd(parts.authorizer),
    usd(parts.function),
    usd(parts.dynamodb),
    usd(parts.logs),
    `**${usd(sum(parts))}**`,
    `${usd(inExpress.function)} + ${usd(inExpress.logs)}`,
    `**${usd(sum(inExpress))}**`,
  ];
});

writeSection(
  'cost',
  [
    '`node bench/cost.ts --write`.',
    '',
    table(
      [
        'a million of',
        'API Gateway',
        'authorizer',
        'function',
        'DynamoDB',
        'logs',
        'USD',
        'Express: function + logs',
        'Express: USD',
      ],
      rows,
    ),
  ].join('\n'),
);
