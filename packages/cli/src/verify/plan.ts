import { createHash, randomBytes } from 'node:crypto';
import { type CreateProviderCall, sayActions } from '@provider-call/client';
import { Ajv, type ErrorObject } from 'ajv';
import schema from '../../schema/verify-plan.schema.json' with { type: 'json' };
import { addressIn, parseJson } from '../arguments.ts';
import { CliError, EXIT } from '../cli-error.ts';
import { plainLine } from '../plain-text.ts';

/** `schema/verify-plan.schema.json` describes it. */
export type Plan = {
  name?: string;
  maxCalls: number;
  callsPerSecond: number;
  maxTalkSeconds: number;
  maxRingSeconds: number;
  source?: string;
  anonymous?: 'yes' | 'no' | 'auto';
  say?: string;
  calls: PlanStep[];
};

type PlanStep = { provider: string; destination: string; count: number; expect: Expectation };

export type Expectation = { outcome?: string; sipStatus?: number; maxPostDialDelayMs?: number };

/** One call of a plan; its index is counted across the whole plan. */
export type PlannedCall = Omit<PlanStep, 'count'> & { index: number };

/**
 * Returns the plan that a JSON text describes, with defaults filled in.
 *
 * @throws {CliError} 2 with the location of the mistake
 */
export function parsePlan(text: string, name: string): Plan {
  const plan = parseJson(text, name);
  const validate = new Ajv({ useDefaults: true }).compile<Plan>(schema);
  if (!validate(plan)) throw new CliError(EXIT.usage, `${name}: ${faultOf(validate.errors?.[0])}`);
  const count = plannedCalls(plan).length;
  if (count > plan.maxCalls) {
    throw new CliError(EXIT.usage, `${name} asks for ${count} calls, but maxCalls allows ${plan.maxCalls}`);
  }
  return plan;
}

function faultOf(error: ErrorObject | undefined): string {
  if (error === undefined) return 'does not match the schema';
  const field = error.instancePath === '' ? 'the plan' : error.instancePath.slice(1).replaceAll('/', '.');
  const { additionalProperty, allowedValues } = error.params;
  if (typeof additionalProperty === 'string')
    return `${field} has an unknown field "${plainLine(additionalProperty)}"`;
  if (Array.isArray(allowedValues)) return `${field} must be one of ${allowedValues.join(', ')}`;
  return `${field} ${error.message}`;
}

/** Returns every call of a plan, in its order. */
export function plannedCalls({ calls }: Plan): PlannedCall[] {
  return calls
    .flatMap(({ count, ...step }) => Array.from({ length: count }, () => step))
    .map((step, index) => ({ ...step, index }));
}

/** Returns the request that places one call of a plan. */
export function requestFor(plan: Plan, { destination }: PlannedCall, providerId: string): CreateProviderCall {
  return {
    provider_id: providerId,
    destinations: [addressIn(destination)],
    ...(plan.source !== undefined && { source: addressIn(plan.source) }),
    ...(plan.anonymous !== undefined && { anonymous: plan.anonymous }),
    ...(plan.say !== undefined && { actions: sayActions(plan.say) }),
  };
}

/**
 * Returns the id of a new run: a random part, and eight digits of the plan's hash, so that a run never continues with
 * another plan.
 */
export function newRunId(plan: Plan): string {
  return `${randomBytes(6).toString('hex')}-${digestOf(plan).slice(0, 8)}`;
}

/** @throws {CliError} 2 unless the run belongs to exactly this plan */
export function checkRunId(plan: Plan, run: string): void {
  if (!/^[0-9a-f]{12}-[0-9a-f]{8}$/.test(run)) {
    throw new CliError(
      EXIT.usage,
      `--resume takes a run id that verify has printed, not "${plainLine(run)}"`,
    );
  }
  if (run.slice(-8) !== digestOf(plan).slice(0, 8)) {
    throw new CliError(
      EXIT.usage,
      `the plan differs from that of run ${run}: resume with the original plan, or start a new run`,
    );
  }
}

/** Returns the same key for the same call of the same run, and for no other. */
export function keyOf(plan: Plan, run: string, index: number): string {
  return `verify-${createHash('sha256')
    .update(`${digestOf(plan)} ${run} ${index}`)
    .digest('hex')
    .slice(0, 40)}`;
}

function digestOf(plan: Plan): string {
  return createHash('sha256').update(JSON.stringify(plan)).digest('hex');
}
