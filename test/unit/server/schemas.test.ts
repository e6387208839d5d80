import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../support/paths';
import { jsonValidation, schemaFiles, schemasDir } from '../../support/schemas';

describe('media/schemas', () => {
  it('is what the zod schemas say; `npx tsx test/support/schemas.ts` writes it anew', () => {
    for (const [name, text] of schemaFiles())
      expect(fs.readFileSync(path.join(schemasDir, name), 'utf8'), name).toBe(text);
    expect(fs.readdirSync(schemasDir).sort()).toEqual([...schemaFiles().keys()].sort());
  });

  it('is contributed for every record', () => {
    const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      contributes: { jsonValidation?: unknown };
    };
    expect(manifest.contributes.jsonValidation).toEqual(jsonValidation);
  });
});
