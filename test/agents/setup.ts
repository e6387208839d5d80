import { installPrograms } from './programs/install';

export default async function setup(): Promise<void> {
  await installPrograms();
}
