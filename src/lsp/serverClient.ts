import type { QuietClient, ServerClientSettings } from './quietClient';

/** Time after which a server that does not stop by itself is killed. In ms. */
const STOP_MS = 2_000;

/** A client for one process of the server. After a crash, a new client replaces it. */
export class ServerClient {
  /** Undefined until the start: the library is large, and most windows never need it. */
  private client: QuietClient | undefined;
  private ended = false;

  constructor(private readonly settings: ServerClientSettings) {}

  /** The id of the server's process while it runs. */
  get pid(): number | undefined {
    return this.client?.pid;
  }

  async start(): Promise<void> {
    try {
      const { QuietClient } = await import('./quietClient');
      this.client = new QuietClient(this.settings, () => {
        this.died();
      });
      await this.client.start();
    } catch (error) {
      this.settings.log.error(error instanceof Error ? error : String(error));
      this.died();
    }
  }

  /** Stops the server cleanly and removes its diagnostics. */
  async stop(): Promise<void> {
    this.ended = true;
    this.client?.diagnostics?.clear();
    // A client whose server never started rejects, although there is nothing to stop.
    await this.client?.dispose(STOP_MS).catch(() => undefined);
  }

  private died(): void {
    if (this.ended) return;
    this.ended = true;
    this.client?.diagnostics?.clear();
    this.settings.onDeath();
  }
}
