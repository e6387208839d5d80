/** The log as core code sees it: a log channel in the editor, a list in tests. Never pass a secret. */
export interface Logger {
  trace(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string, error?: unknown): void;
}

export const silentLogger: Logger = { trace() {}, info() {}, warn() {}, error() {} };
