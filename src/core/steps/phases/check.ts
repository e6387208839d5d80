import type { Iteration } from '../work';

export async function check(it: Iteration): Promise<void> {
  await Promise.resolve(it);
}
