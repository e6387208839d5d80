/** A file system's clock may be behind the wall's by so much. */
export const CLOCK_STEP_MS = 20;
