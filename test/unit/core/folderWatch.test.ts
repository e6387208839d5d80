import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderWatch } from '../../../src/core/util/folderWatch';

describe('a folder watch', () => {
  let top = '';
  let told = 0;
  let watch: FolderWatch;
  beforeEach(() => {
    top = fs.mkdtempSync(path.join(os.tmpdir(), 'weld-watch-'));
    told = 0;
    watch = new FolderWatch(() => {
      told++;
    });
  });
  afterEach(() => {
    watch.dispose();
    fs.rmSync(top, { recursive: true, force: true });
  });
  const isTold = async (after: () => void): Promise<void> => {
    const before = told;
    after();
    await expect.poll(() => told, { timeout: 10_000 }).toBeGreaterThan(before);
  };

  it('tells of what happens in the folder', async () => {
    watch.add([top]);
    await isTold(() => {
      fs.writeFileSync(path.join(top, 'a'), '1');
    });
    await isTold(() => {
      fs.writeFileSync(path.join(top, 'a'), '2');
    });
    await isTold(() => {
      fs.rmSync(path.join(top, 'a'));
    });
  });

  it('tells of a folder that appears at once with all above it, and of what happens in it then', async () => {
    const folder = path.join(top, 'steps/01-one/iter/01');
    watch.add([folder]);
    await isTold(() => {
      fs.mkdirSync(folder, { recursive: true });
    });
    await isTold(() => {
      fs.writeFileSync(path.join(folder, 'progress.json'), '{}');
    });
  });

  it('goes on after its folder was removed and made again', async () => {
    const folder = path.join(top, 'iter/01');
    fs.mkdirSync(folder, { recursive: true });
    watch.add([folder]);
    await isTold(() => {
      fs.rmSync(path.join(top, 'iter'), { recursive: true });
      fs.mkdirSync(folder, { recursive: true });
    });
    await isTold(() => {
      fs.writeFileSync(path.join(folder, 'progress.json'), '{}');
    });
  });

  it('says nothing of a neighbour of a folder that is missing, nor of folders that are no longer kept', async () => {
    const [left, after] = [path.join(top, 'left'), path.join(top, 'after')];
    for (const folder of [left, after]) fs.mkdirSync(folder);
    const missing = path.join(top, 'missing/deeper');
    watch.add([left]);
    watch.keep([missing]);
    fs.writeFileSync(path.join(left, 'a'), '');
    fs.writeFileSync(path.join(top, 'neighbour'), '');
    // Events arrive in order: once another watch reports this one, all earlier ones have arrived.
    let last = 0;
    const another = new FolderWatch(() => {
      last++;
    });
    another.add([after]);
    fs.writeFileSync(path.join(after, 'a'), '');
    await expect.poll(() => last, { timeout: 10_000 }).toBeGreaterThan(0);
    another.dispose();
    expect(told).toBe(0);
    await isTold(() => {
      fs.mkdirSync(missing, { recursive: true });
    });
  });
});
