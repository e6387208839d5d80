import * as fs from 'node:fs';
import * as path from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { pace } from '../pace';
import { root } from '../paths';
import { mustRun, run } from '../run';

const INSTALLED = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

const APT = ['-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=600', '-o', 'Acquire::Retries=3'];

/** An installed Chromium. @returns undefined if there is none: use Playwright's */
function installed(): string | undefined {
  return [process.env['CHROMIUM_PATH'], ...INSTALLED].find(
    (file) => file !== undefined && file !== '' && fs.existsSync(file),
  );
}

/**
 * Finds or installs a Chromium: as root on Debian from the distribution, with its libraries, else Playwright's
 * download. @returns the path, or undefined for Playwright's
 */
export async function ensureBrowser(): Promise<string | undefined> {
  const found = installed();
  if (found !== undefined || fs.existsSync(chromium.executablePath())) return found;
  if (fs.existsSync('/usr/bin/apt-get') && process.getuid?.() === 0) {
    process.stderr.write('Installing Chromium and a font (once) …\n');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await mustRun('apt-get', ['update', '-q', '-o', 'DPkg::Lock::Timeout=600'], { env, timeoutMs: 900_000 });
    const brought = await run('apt-get', ['install', ...APT, 'chromium', 'fonts-dejavu-core'], {
      env,
      timeoutMs: 1_200_000,
    });
    const now = installed();
    if (brought.code === 0 && now !== undefined) return now;
    process.stderr.write(
      `apt-get could not install Chromium (${brought.code}); trying Playwright's own ` +
        `download.\n${brought.stderr.slice(-500)}\n`,
    );
  } else process.stderr.write('Downloading Chromium (once) …\n');
  await mustRun(
    process.execPath,
    [path.join(root, 'node_modules/playwright-core/cli.js'), 'install', '--no-progress', '--only-shell', 'chromium'],
    { timeoutMs: 1_200_000 },
  );
  return undefined;
}

/** Starts a headless Chromium in which background pages keep working. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = await ensureBrowser();
  return chromium.launch({
    slowMo: pace.delayMs,
    ...(executablePath === undefined ? {} : { executablePath }),
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-background-timer-throttling',
      '--disable-renderer-backgrounding',
      '--disable-backgrounding-occluded-windows',
    ],
  });
}
