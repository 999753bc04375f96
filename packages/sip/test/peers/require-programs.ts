import { spawnSync } from 'node:child_process';

/** Ends the run before its first test when a program is missing that the tests call. */
export default function requirePrograms(): void {
  const packages = {
    sipp: 'sip-tester',
    kamailio: 'kamailio',
    baresip: 'baresip-core',
    dnsmasq: 'dnsmasq-base',
    openssl: 'openssl',
  };
  for (const [program, debianPackage] of Object.entries(packages)) {
    // sipp exits with 99 after -v; only an error of the spawn says that it is missing.
    if (spawnSync(program, ['-v']).error !== undefined) {
      throw new Error(`npm run test:sip needs ${program}: apt-get install ${debianPackage}`);
    }
  }
}
