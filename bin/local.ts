import { startControl } from '../packages/local/src/control.ts';
import { awsAccessOf, parseEnvironment } from '../packages/local/src/environment.ts';
import { greeting } from '../packages/local/src/greeting.ts';
import { StartError } from '../packages/local/src/start-error.ts';

// A function's clock is UTC, wherever the machine is.
process.env['TZ'] = 'UTC';

const start = async () => {
  const environment = parseEnvironment(process.env);
  // Loaded only now, so that a wrong variable is told at once.
  const { startLocal } = await import('../packages/local/src/start.ts');
  const system = await startLocal({
    port: environment.PORT,
    dataDir: environment.DATA_DIR,
    dynamodbEndpoint: environment.DYNAMODB_ENDPOINT,
    aws: awsAccessOf(environment),
    jwtKey: environment.JWT_KEY,
    backendUrls: {
      route: environment.ROUTE_BACKEND_URL,
      flow: environment.FLOW_BACKEND_URL,
      call: environment.CALL_BACKEND_URL,
    },
    sipAllow: environment.SIP_ALLOW,
    platform: { ...(environment.WEBHOOK_URL !== undefined && { webhookUrl: environment.WEBHOOK_URL }) },
    onLog: (line) => console.log(line),
  });
  const control = await startControl(system);
  return {
    ...system,
    async close() {
      await control.close();
      await system.close();
    },
  };
};

const starting = start();

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // Once: a second signal ends the process at once, by its default.
  process.once(signal, async () => {
    const system = await starting.catch(() => undefined);
    await system?.close();
    process.exit(0);
  });
}

try {
  const system = await starting;
  console.log(greeting(system));
  console.log(`ready ${system.url}`);
} catch (error) {
  console.error(error instanceof StartError ? error.message : error);
  process.exit(1);
}
