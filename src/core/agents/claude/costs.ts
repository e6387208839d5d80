/**
 * What sessions had cost when this process last heard of them, in USD: Claude Code tells the sum of a resumed session.
 */
const known = new Map<string, number>();
const MOST_SESSIONS = 500;

/**
 * The cost of one call from the sum of its session.
 * @param resumed the session that the call continued, if it did; when its earlier sum is not known, the whole sum is
 *   the call's
 */
export function costOfCall(sessionId: string, resumed: string | undefined, totalUsd: number): number {
  const before = resumed === undefined ? 0 : (known.get(resumed) ?? 0);
  known.delete(sessionId);
  known.set(sessionId, totalUsd);
  const [oldest] = known.keys();
  if (known.size > MOST_SESSIONS && oldest !== undefined) known.delete(oldest);
  return Math.max(0, totalUsd - before);
}
