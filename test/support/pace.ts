/**
 * How fast the windows are driven: `WELD_PACE=quick` or `slow`. A test that passes at only one pace relies on luck. The
 * default adds no waits and polls twenty times per second.
 */
const PACES = {
  /** No fixed waits, and a poll every 5 ms, like a very fast machine. */
  quick: { delayMs: 0, pollMs: 5, factor: 0 },
  usual: { delayMs: 0, pollMs: 50, factor: 1 },
  /** 200 ms before every click, key and text, and between polls. */
  slow: { delayMs: 200, pollMs: 250, factor: 2 },
} as const;

const name = process.env['WELD_PACE'] ?? 'usual';
if (!(name in PACES)) throw new Error(`WELD_PACE is "${name}"; it has to be quick, usual or slow.`);
/** Times are in ms; fixed waits are multiplied by `factor`. */
export const pace = PACES[name as keyof typeof PACES];
