/** What core code may say to the log; the editor gives a log channel, tests give a list. Never pass a secret. */
export interface Logger {
  trace(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string, error?: unknown): void;
}

export const silentLogger: Logger = { trace() {}, info() {}, warn() {}, error() {} };
