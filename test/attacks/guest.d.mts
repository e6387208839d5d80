export const ATTACKS: Readonly<Record<string, () => readonly string[]>>;
