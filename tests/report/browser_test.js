// browser_test.js CHROMIUM PAGES [SCREENSHOTS]: what only a browser can tell about the pages that
// make_page, and as app-<verb>-<input> the program, wrote into PAGES. Each check is a function of
// the table at the end.
'use strict';

const assert = require('assert');
const fs = require('fs');
const path = require('path');
const { pathToFileURL } = require('url');
const { chromium } = require('playwright-core');

const [executablePath, folder, screenshots] = process.argv.slice(2);
const kDesktop = { width: 1280, height: 900 };
const kPhone = { width: 360, height: 740 };

// Opens a page and records everything that it must not do.
async function open(browser, kind, options = {}) {
  const context = await browser.newContext({ viewport: kDesktop, ...options });
  const page = await context.newPage();
  const seen = { requests: [], errors: [] };
  const own = pathToFileURL(path.join(folder, `${kind}.html`)).href;
  page.on('request', (request) => {
    const url = request.url();
    if (url !== own && !url.startsWith('data:')) seen.requests.push(url);
  });
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) seen.errors.push(message.text());
  });
  page.on('pageerror', (error) => seen.errors.push(String(error)));
  page.on('dialog', (dialog) => {
    seen.errors.push(`dialog ${dialog.message()}`);
    dialog.dismiss();
  });
  await page.goto(own);
  await page.waitForTimeout(150);
  return { context, page, seen };
}

async function shoot(page, name) {
  if (!screenshots) return;
  await page.screenshot({ path: path.join(screenshots, `${name}.png`), fullPage: true });
}

// Distinct colours in the middle of the canvases that match (no axes, no colour bar), quantised to
// 16 levels per channel.
function coloursOf(page, selector) {
  return page.$$eval(selector, (canvases) => canvases.map((canvas) => {
    const part = [0.2, 0.2, 0.5, 0.5].map((share, i) =>
      Math.round(share * (i % 2 === 0 ? canvas.width : canvas.height)));
    const { data } = canvas.getContext('2d').getImageData(...part);
    const colours = new Set();
    for (let i = 0; i < data.length; i += 4) {
      const [r, g, b] = data.subarray(i, i + 3).map((level) => level >> 4);
      if (data[i + 3] > 0) colours.add((r << 8) | (g << 4) | b);
    }
    return colours.size;
  }));
}

// How many pixels of the curve's plotting area have (about) the given CSS colour.
function pixelsOf(page, variable) {
  return page.$eval('.spectrum canvas', (canvas, name) => {
    const probe = document.createElement('canvas').getContext('2d');
    probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    probe.fillRect(0, 0, 1, 1);
    const wanted = probe.getImageData(0, 0, 1, 1).data;
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) {
      const near = [0, 1, 2].every((c) => Math.abs(data[i + c] - wanted[c]) < 40);
      if (near && data[i + 3] > 200) ++count;
    }
    return count;
  }, variable);
}

async function quietAndOffline(browser) {
  for (const kind of ['speech', 'channels', 'long', 'tiny']) {
    const { context, seen } = await open(browser, kind);
    assert.deepStrictEqual(seen, { requests: [], errors: [] }, kind);
    await context.close();
  }
}

async function theWatchersWatch(browser) {
  const { context, page, seen } = await open(browser, 'speech', { bypassCSP: true });
  await page.evaluate(() => {
    console.error('planted');
    return fetch('http://127.0.0.1:9/').catch(() => 0);
  });
  assert.ok(seen.errors.length > 0 && seen.requests.length > 0, 'planted faults must be seen');
  await page.evaluate(() => {
    for (const canvas of document.querySelectorAll('canvas')) canvas.width += 0;
  });
  assert.ok((await coloursOf(page, 'canvas')).every((count) => count === 0), 'blank canvases');
  await context.close();
}

async function thePolicyBlocks(browser) {
  const { context, page } = await open(browser, 'speech');
  const outcome = await page.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'window.injected = 1';
    document.body.append(script);
    const fetched = await fetch('http://127.0.0.1:9/').then(() => 'sent', () => 'refused');
    return { injected: window.injected, fetched };
  });
  assert.deepStrictEqual(outcome, { injected: undefined, fetched: 'refused' });
  await context.close();
}

async function chartsHaveInk(browser) {
  for (const colorScheme of ['light', 'dark']) {
    for (const kind of ['speech', 'channels', 'long']) {
      const { context, page } = await open(browser, kind, { colorScheme });
      const [heatmap] = await coloursOf(page, '.heatmap canvas:first-child');
      assert.ok(heatmap > 20, `${kind} ${colorScheme}: heatmap has ${heatmap} colours`);
      assert.ok(await pixelsOf(page, '--curve') > 300, `${kind} ${colorScheme}: no curve`);
      if (kind !== 'long') {
        assert.ok(await pixelsOf(page, '--peak') > 60, `${kind} ${colorScheme}: no peaks`);
      }
      await shoot(page, `${kind}-${colorScheme}`);
      await context.close();
    }
  }
}

async function themesDiffer(browser) {
  const { context, page } = await open(browser, 'speech', { colorScheme: 'light' });
  const back = () => page.$eval('body', (body) => getComputedStyle(body).backgroundColor);
  const corner = () => page.$eval('.heatmap canvas', (canvas) =>
    Array.from(canvas.getContext('2d').getImageData(2, canvas.height - 3, 1, 1).data).join());
  const light = [await back(), await corner()];
  await page.click('#theme');
  assert.strictEqual(await page.textContent('#theme'), 'Theme: light');
  assert.deepStrictEqual([await back(), await corner()], light);
  await page.click('#theme');
  assert.strictEqual(await page.textContent('#theme'), 'Theme: dark');
  const dark = [await back(), await corner()];
  assert.ok(dark[0] !== light[0] && dark[1] !== light[1], `${light} against ${dark}`);
  await context.close();
}

async function phonesFit(browser) {
  for (const kind of ['speech', 'channels', 'long', 'tiny']) {
    const { context, page, seen } = await open(browser, kind,
      { viewport: kPhone, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
    const [inner, scroll] = await page.evaluate(() =>
      [window.innerWidth, document.documentElement.scrollWidth]);
    assert.strictEqual(inner, kPhone.width, kind);
    assert.ok(scroll <= kPhone.width, `${kind}: ${scroll} px wide on a phone`);
    await page.locator('.heatmap').first().tap();
    await page.locator('.spectrum').first().tap({ position: { x: 200, y: 100 } });
    const readouts = await page.$$eval('.readout', (all) => all.map((one) => one.textContent));
    if (kind === 'speech') {
      assert.ok(readouts.every((text) => /Hz/.test(text)), `taps: ${readouts}`);
    }
    assert.deepStrictEqual(seen.errors, []);
    await shoot(page, `${kind}-phone`);
    await context.close();
  }
}

async function hoverReads(browser) {
  const { context, page } = await open(browser, 'speech');
  const heatmap = await page.locator('.heatmap').boundingBox();
  await page.mouse.move(heatmap.x + heatmap.width * 0.25, heatmap.y + heatmap.height * 0.7);
  assert.match(await page.locator('.readout').first().textContent(),
    /^\d+\.\d+ s \u00b7 \d+(\.\d+)? k?Hz \(band \d+\) \u00b7 (\u2212)?\d+(\.\d+)? dB$/);
  await page.locator('.spectrum').scrollIntoViewIfNeeded();
  const over = await page.locator('.spectrum .u-over').boundingBox();
  // 8000 Hz wide; the strongest peak's bin and power stand in the table's first row.
  const [frequency, power] = await page.$$eval('tbody tr:first-child td', (cells) =>
    cells.slice(1).map((cell) => Number(cell.textContent)));
  await page.mouse.move(over.x + over.width * frequency / 8000, over.y + 40);
  const text = await page.locator('.readout').nth(1).textContent();
  assert.match(text, /Hz \u00b7 .* V\u00b2\/Hz \(\u2212?\d+\.\d dB\)$/);
  assert.strictEqual(parseFloat(text), Number(frequency.toPrecision(6)), text);
  const decibels = Number(/\(\u2212?(\d+\.\d) dB\)/.exec(text)[1]);
  assert.ok(Math.abs(decibels + 10 * Math.log10(power)) < 0.06, `${text} against ${power}`);
  await page.mouse.move(heatmap.x, 5);
  await context.close();
}

async function zoomsAndResets(browser) {
  const { context, page } = await open(browser, 'speech');
  const over = await page.locator('.heatmap').boundingBox();
  const read = async () => {
    await page.mouse.move(over.x + over.width - 80, over.y + 100);
    return parseFloat(await page.locator('.readout').first().textContent());
  };
  const all = await read();
  await page.mouse.move(over.x + 200, over.y + 100);
  await page.mouse.down();
  await page.mouse.move(over.x + 400, over.y + 120, { steps: 4 });
  await page.mouse.up();
  const part = await read();
  assert.ok(part > 0.5 && part < all * 0.6, `${all} s, zoomed to ${part} s`);
  await page.mouse.dblclick(over.x + 300, over.y + 100);
  assert.strictEqual(await read(), all);
  await page.locator('button[title="Zoom in"]').first().click();
  assert.ok(await read() < all);
  await page.locator('button[title="Show everything"]').first().click();
  assert.strictEqual(await read(), all);
  await context.close();
}

async function axesSwitch(browser) {
  const { context, page, seen } = await open(browser, 'channels');
  const names = ['Logarithmic frequency axis', 'Logarithmic value axis', 'Overlay other channels'];
  for (const name of names) {
    const before = await page.locator('.spectrum canvas').screenshot();
    await page.click(`button[title="${name}"]`);
    const after = await page.locator('.spectrum canvas').screenshot();
    assert.ok(!before.equals(after), name);
    if (name === 'Logarithmic frequency axis') await shoot(page, 'channels-log');
  }
  await shoot(page, 'channels-compare');
  assert.deepStrictEqual(seen.errors, []);
  await context.close();
}

async function channelsSwitch(browser) {
  const { context, page, seen } = await open(browser, 'channels');
  const rows = () => page.$$eval('tbody tr', (all) =>
    all.filter((row) => !row.hidden).map((row) => row.dataset.channel));
  assert.deepStrictEqual(new Set(await rows()), new Set(['0']));
  for (const channel of ['1', '2']) {
    await page.selectOption('#channel-bar select', channel);
    assert.deepStrictEqual(new Set(await rows()), new Set([channel]));
    assert.strictEqual(await page.locator('.heatmap').count(), 1);
    assert.ok((await coloursOf(page, '.heatmap canvas:first-child'))[0] > 20);
  }
  assert.deepStrictEqual(seen, { requests: [], errors: [] });
  await context.close();
}

async function hostileNamesStayText(browser) {
  const { context, page } = await open(browser, 'channels', { bypassCSP: true });
  await page.selectOption('#channel-bar select', '1');
  await page.waitForTimeout(100);
  const found = await page.evaluate(() => ({
    owned: window.owned,
    images: document.images.length,
    scripts: document.scripts.length,
    title: document.title.includes('<script>'),
    heading: document.querySelector('h1').textContent.startsWith('</script><script>'),
  }));
  assert.deepStrictEqual(found,
    { owned: undefined, images: 0, scripts: 3, title: true, heading: true });
  await context.close();
}

// Equal steps of value are steps of lightness in one direction, for any kind of colour vision.
async function colourBarRises(browser) {
  const { context, page } = await open(browser, 'speech');
  const lightness = await page.$eval('.heatmap canvas', (canvas) => {
    const x = canvas.width - 50;
    const { data } = canvas.getContext('2d').getImageData(x, 30, 1, canvas.height - 80);
    const rows = [];
    for (let i = 0; i < data.length; i += 4) {
      rows.push(0.2126 * data[i] + 0.7152 * data[i + 1] + 0.0722 * data[i + 2]);
    }
    return rows;
  });
  const drops = lightness.filter((value, i) => i > 0 && value > lightness[i - 1] + 1.5);
  assert.deepStrictEqual(drops, []);
  assert.ok(lightness[0] - lightness[lightness.length - 1] > 120, 'the bar spans dark to light');
  await context.close();
}

async function readableWithoutScripts(browser) {
  const { context, page } = await open(browser, 'speech', { javaScriptEnabled: false });
  const text = await page.locator('body').innerText();
  for (const part of ['Front_Center.wav', '16 000 Hz', 'nperseg', 'AVX2', 'frequency (Hz)']) {
    assert.ok(text.includes(part), part);
  }
  await context.close();
}

async function reductionsAreSaid(browser) {
  const { context, page } = await open(browser, 'long');
  const captions = await page.$$eval('.caption', (all) => all.map((one) => one.textContent));
  assert.deepStrictEqual(captions, [
    'Reduced for this page: each cell shows the largest of up to 3 frames x 2 bins.',
    'Reduced for this page: each point shows the largest of up to 25 neighbouring bins.',
  ]);
  await context.close();
}

async function emptyChartsSaySo(browser) {
  const { context, page } = await open(browser, 'tiny');
  const readouts = await page.$$eval('.readout', (all) => all.map((one) => one.textContent));
  const empty = readouts.map((text) => text.startsWith('Nothing to show'));
  assert.deepStrictEqual(empty, [false, true, false, true, true]);
  await context.close();
}

// The program's own pages: silence has nothing to draw in, every other first channel has.
async function pagesOfTheProgramWork(browser) {
  const kinds = fs.readdirSync(folder).filter((name) => /^app-.*\.html$/.test(name))
    .map((name) => path.parse(name).name);
  if (kinds.length === 0) console.log('        (no program given: no pages of it)');
  for (const kind of kinds) {
    const { context, page, seen } = await open(browser, kind);
    const maps = kind.startsWith('app-fft') ? 0 : 1;
    assert.strictEqual(await page.locator('.heatmap').count(), maps, `${kind}: heatmaps`);
    if (!kind.endsWith('silence')) {
      const [heatmap] = await coloursOf(page, '.heatmap canvas:first-child');
      assert.ok(maps === 0 || heatmap > 20, `${kind}: heatmap has ${heatmap} colours`);
      assert.ok(await pixelsOf(page, '--curve') > 300, `${kind}: no curve`);
    }
    if (kind.endsWith('nan')) {
      await page.selectOption('#channel-bar select', '1');
      await page.waitForTimeout(100);
      assert.match(await page.locator('body').innerText(), /nonfinite:777/, kind);
    }
    await shoot(page, kind);
    assert.deepStrictEqual(seen, { requests: [], errors: [] }, kind);
    await context.close();
  }
}

// A training's page: the train x eval matrix has a coloured cell for each number, whatever the
// channel, and curves.
async function trainingsShowTheirMatrix(browser) {
  if (!fs.existsSync(path.join(folder, 'train-multi.html'))) return;
  const { context, page, seen } = await open(browser, 'train-multi');
  for (const channel of ['0', '2']) {
    await page.selectOption('#channel-bar select', channel);
    await page.waitForTimeout(100);
    const cells = await page.locator('.matrix td').evaluateAll((all) =>
      all.map((cell) => [cell.textContent, cell.style.background !== '']));
    assert.strictEqual(cells.length, 9);
    assert.deepStrictEqual(cells.map((cell) => cell[1]),
      [true, false, false, true, true, false, true, true, true]);
    assert.strictEqual(cells[1][0], '\u2013');
    assert.strictEqual(await page.locator('.spectrum').count(), 3);
    assert.ok(await pixelsOf(page, '--curve') > 300, 'no curve');
  }
  await shoot(page, 'train-multi');
  assert.deepStrictEqual(seen, { requests: [], errors: [] });
  await context.close();
}

// Nothing is written on the last pixels of a line.
async function longTextsAreNotCut(browser) {
  if (!fs.existsSync(path.join(folder, 'inspect-near.html'))) return;
  const { context, page } = await open(browser, 'inspect-near');
  const inked = await page.$$eval('.heatmap canvas:first-child', (canvases) =>
    canvases.map((canvas) => {
      const { width, height } = canvas;
      const { data } = canvas.getContext('2d').getImageData(width - 1, 30, 1, height - 30);
      const pixels = new Uint32Array(data.buffer);
      return pixels.filter((pixel) => pixel !== pixels[0]).length;
    }));
  assert.deepStrictEqual(inked, [0, 0]);
  await shoot(page, 'inspect-near');
  await context.close();
}

// Frequencies below 0 Hz alone leave nothing for a logarithmic axis, so it is not offered; a
// spectrum that crosses 0 Hz shows its upper half.
async function logAxesHaveFrequencies(browser) {
  if (!fs.existsSync(path.join(folder, 'app-psd-below.html'))) return;
  for (const [kind, offered] of [['app-psd-below', 0], ['app-psd-complex', 1]]) {
    const { context, page, seen } = await open(browser, kind);
    const button = page.locator('button[title="Logarithmic frequency axis"]');
    assert.strictEqual(await button.count(), offered, kind);
    if (offered) await button.click();
    await page.click('button[title="Logarithmic value axis"]');
    await page.locator('button[title="Zoom in"]').last().click();
    await page.locator('button[title="Show everything"]').last().click();
    await page.locator('.spectrum').scrollIntoViewIfNeeded();
    const box = await page.locator('.spectrum .u-over').boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + 40);
    const text = await page.locator('.readout').last().textContent();
    assert.match(text, offered ? /^\d.*Hz/ : /^\u2212\d.*Hz/, kind);
    assert.ok(await pixelsOf(page, '--curve') > 300, `${kind}: no curve`);
    await shoot(page, `${kind}-log`);
    assert.deepStrictEqual(seen, { requests: [], errors: [] }, kind);
    await context.close();
  }
}

// Ticks that are near one another, by the script as it stands.
async function ticksDiffer() {
  const script = fs.readFileSync(`${__dirname}/../../src/report/assets/tools.js`, 'utf8');
  const texts = (values) =>
    require('vm').runInNewContext(`${script}; tickTexts(${values}).join()`);
  assert.strictEqual(texts('linearTicks(0.9985, 1.0004, 5)'), '0.9985,0.999,0.9995,1');
  assert.strictEqual(texts('[0.9999995, 1, 1.0000005]'), '0.9999995,1,1.0000005');
  assert.strictEqual(texts('[-120, -80, 0]'), '\u2212120,\u221280,0');
  assert.strictEqual(texts('[1.23456789]'), '1.23');
}

const kChecks = [
  quietAndOffline, theWatchersWatch, thePolicyBlocks, chartsHaveInk, themesDiffer, phonesFit,
  hoverReads, zoomsAndResets, axesSwitch, channelsSwitch, hostileNamesStayText, colourBarRises,
  readableWithoutScripts, reductionsAreSaid, emptyChartsSaySo,
  pagesOfTheProgramWork, trainingsShowTheirMatrix, longTextsAreNotCut,
  logAxesHaveFrequencies, ticksDiffer,
];

async function main() {
  const browser = await chromium.launch({ executablePath, args: ['--disable-gpu'] });
  let failed = 0;
  for (const check of kChecks) {
    try {
      await check(browser);
      console.log(`ok      ${check.name}`);
    } catch (error) {
      ++failed;
      console.log(`FAILED  ${check.name}\n${error.stack}`);
    }
  }
  await browser.close();
  console.log(`${kChecks.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

main();
