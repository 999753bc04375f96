/** Chooses one of the options; `what` names the choice in a report. */
export type Choose = <Option extends string | number | boolean>(
  what: string,
  options: readonly Option[],
) => Option;

/**
 * Runs a scenario once for every combination of its choices, and returns the number of runs. With the same
 * choices the scenario must always do the same; its later choices may depend on earlier ones. A run that fails
 * is reported with the choices that led there.
 */
export async function explore(scenario: (choose: Choose) => Promise<void>): Promise<number> {
  let path: { taken: number; options: number }[] = [];
  for (let runs = 1; ; runs += 1) {
    const chosen: string[] = [];
    const choose: Choose = (what, options) => {
      const step = path[chosen.length] ?? { taken: 0, options: options.length };
      const option = options[step.taken];
      if (option === undefined || step.options !== options.length) {
        throw new Error(`the scenario is not the same for the same choices: ${chosen.join(', ')}, ${what}`);
      }
      path[chosen.length] = step;
      chosen.push(`${what}: ${option}`);
      return option;
    };
    try {
      await scenario(choose);
    } catch (cause) {
      throw new Error(`after ${chosen.join(', ')}: ${cause instanceof Error ? cause.message : cause}`, {
        cause,
      });
    }
    path = path.slice(0, chosen.length);
    while (path.length > 0 && (path.at(-1)?.taken ?? 0) + 1 === path.at(-1)?.options) path.pop();
    const last = path.at(-1);
    if (last === undefined) return runs;
    last.taken += 1;
  }
}
