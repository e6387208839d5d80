/**
 * How fast the windows are driven: `WELD_PACE=quick` or `slow`. A test that passes at one pace only rests on luck.
 * The usual pace is as quick as the machine is, and looks twenty times a second.
 */
const PACES = {
  /** No fixed wait, and a look every 5 ms: a machine quicker than any. */
  quick: { delayMs: 0, pollMs: 5, factor: 0 },
  usual: { delayMs: 0, pollMs: 50, factor: 1 },
  /** 200 ms before every click, key and text, and as long between two looks. */
  slow: { delayMs: 200, pollMs: 250, factor: 2 },
} as const;

const name = process.env['WELD_PACE'] ?? 'usual';
if (!(name in PACES)) throw new Error(`WELD_PACE is "${name}"; it has to be quick, usual or slow.`);
/** Times are in ms; `factor` is what a fixed wait is multiplied by. */
export const pace = PACES[name as keyof typeof PACES];
