import * as z from 'zod';

/** Settings as they come through the protocol; what is missing or wrong has its default. */
const SettingsSchema = z.object({
  /** Which Markdown files outside of `.weld` are plans, as globs. */
  planFiles: z.array(z.string()).catch(['**/*.plan.md']).default(['**/*.plan.md']),
  lenses: z.boolean().catch(true).default(true),
});
export type ServerSettings = z.infer<typeof SettingsSchema>;

export function readSettings(value: unknown): ServerSettings {
  const parsed = SettingsSchema.safeParse(value ?? {});
  return parsed.success ? parsed.data : SettingsSchema.parse({});
}
