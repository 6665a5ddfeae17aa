// A browser's remote control for vscode_test.go. It reads requests from standard input, one JSON object a
// line: {"do": VERB, "selector": …, "text": …}; and answers each with {"value": …} or {"error": …}.
// A selector with a text means the first element of the selector that holds the text.
import readline from 'node:readline';
import { chromium } from 'playwright-core';

const [executablePath, profile] = process.argv.slice(2);
const patience = 60_000; // milliseconds
const browser = await chromium.launchPersistentContext(profile, {
  executablePath,
  headless: true,
  viewport: { width: 1100, height: 640 },
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const page = browser.pages()[0] ?? (await browser.newPage());
page.setDefaultTimeout(patience);

const find = ({ selector, text }) => page.locator(selector, text === undefined ? {} : { hasText: text }).first();

const verbs = {
  open: async ({ text }) => void (await page.goto(text)),
  wait: (request) => find(request).waitFor(),
  seen: (request) => find(request).waitFor({ timeout: 5_000 }).then(() => true, () => false),
  gone: (request) => find(request).waitFor({ state: 'hidden' }),
  click: (request) => find(request).click(),
  dblclick: (request) => find(request).dblclick(),
  hover: (request) => find(request).hover(),
  press: ({ text }) => page.keyboard.press(text),
  type: ({ text }) => page.keyboard.type(text),
  texts: ({ selector }) => page.locator(selector).allInnerTexts(),
  picture: async ({ selector = 'body', text }) => void (await page.locator(selector).screenshot({ path: text })),
  // Web views are frames within frames, which are there a while before what they show.
  frame: async ({ selector, text }) => {
    for (const end = Date.now() + patience; Date.now() < end; await page.waitForTimeout(100)) {
      for (const frame of page.frames().slice(1)) {
        const shown = await frame.locator(selector).allInnerTexts().catch(() => []);
        const found = shown.find((words) => words.includes(text ?? ''));
        if (found !== undefined) {
          return found;
        }
      }
    }
    throw new Error(`no web view shows ${selector} with ${text}`);
  },
};

for await (const line of readline.createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  let answer;
  try {
    answer = { value: await verbs[request.do](request) };
  } catch (error) {
    answer = { error: error.message.split('\n')[0] };
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
await browser.close();
