// Helpers shared by the charts: decoding, ticks, number texts, the colour map, small elements.

function decodeBytes(text) {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}

// Doubles are stored little-endian whatever machine reads the page.
function decodeDoubles(text) {
  const view = new DataView(decodeBytes(text).buffer);
  return Array.from({ length: view.byteLength / 8 }, (_, i) => view.getFloat64(8 * i, true));
}

function decodeCodes(text, bits) {
  const bytes = decodeBytes(text);
  if (bits === 8) return bytes;
  const codes = new Uint16Array(bytes.length / 2);
  for (let i = 0; i < codes.length; ++i) codes[i] = bytes[2 * i] | (bytes[2 * i + 1] << 8);
  return codes;
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

const kFont = '12px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif';

// Colours of overlaid curves: Okabe and Ito's, told apart with any colour vision.
const kOverlayColours = [
  '#e69f00', '#009e73', '#cc79a7', '#d55e00', '#56b4e9', '#8c8c8c', '#b8a900',
];

// Viridis as a polynomial of degree 6 per channel; its lightness rises evenly.
const kViridis = [
  [0.2777273272234177, 0.1050930431085774, -0.3308618287255563, -4.634230498983486,
    6.228269936347081, 4.776384997670288, -5.435455855934631],
  [0.005407344544966578, 1.404613529898575, 0.214847559468213, -5.799100973351585,
    14.17993336680509, -13.74514537774601, 4.645852612178535],
  [0.3340998053353061, 1.384590162594685, 0.09509516302823659, -19.33244095627987,
    56.69055260068105, -65.35303263337234, 26.3124352495832],
];

function viridis(position) {
  const t = Math.min(1, Math.max(0, position));
  return kViridis.map((factors) => {
    const value = factors.reduceRight((sum, factor) => sum * t + factor, 0);
    return Math.round(255 * Math.min(1, Math.max(0, value)));
  });
}

function niceStep(span, count) {
  const rough = span / Math.max(1, count);
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  return magnitude * [1, 2, 5, 10].find((factor) => factor * magnitude >= rough * 0.999);
}

function stepTicks(low, high, step) {
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; ++i) {
    ticks.push(i === 0 ? 0 : i * step);
  }
  return ticks;
}

function linearTicks(low, high, count) {
  return high > low ? stepTicks(low, high, niceStep(high - low, count)) : [low];
}

// Positive numbers for a logarithmic axis: decades, and 2 and 5 within them when there is room.
function logTicks(low, high, count) {
  const decades = Math.log10(high / low);
  if (decades < 0.7) return linearTicks(low, high, count).filter((value) => value > 0);
  const factors = decades * 3 <= count ? [1, 2, 5] : decades * 2 <= count ? [1, 3] : [1];
  const skip = Math.max(1, Math.ceil(decades / Math.max(1, count)));
  const ticks = [];
  for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); ++e) {
    if (e % skip !== 0) continue;
    for (const factor of factors) {
      const value = factor * 10 ** e;
      if (value >= low * 0.9999 && value <= high * 1.0001) ticks.push(value);
    }
  }
  return ticks;
}

function timeTicks(low, high, count) {
  const span = high - low;
  const steps = [15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 28800, 86400];
  if (span / count < 12) return linearTicks(low, high, count);
  const step = steps.find((s) => span / s <= count) || niceStep(span, count);
  return stepTicks(low, high, step);
}

// Seconds under a minute and a half, else m:ss or h:mm:ss.
function formatTime(seconds, span) {
  if (span < 90) {
    const digits = Math.max(0, Math.min(6, Math.ceil(1.5 - Math.log10(span))));
    return String(Number(seconds.toFixed(digits)));
  }
  const total = Math.round(Math.abs(seconds));
  const two = (value) => String(value).padStart(2, '0');
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor(total / 60) % 60;
  const text = hours > 0 ? `${hours}:${two(minutes)}` : String(minutes);
  return `${seconds < 0 ? '-' : ''}${text}:${two(total % 60)}`;
}

const kSuperscripts = '\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079';

function superscript(exponent) {
  const digits = String(Math.abs(exponent)).replace(/\d/g, (d) => kSuperscripts[d]);
  return (exponent < 0 ? '\u207b' : '') + digits;
}

// Short text with `digits` significant digits: 1234, 0.0123, 1.23 x 10^-8.
function formatNumber(value, digits = 4) {
  if (value === null || !Number.isFinite(value)) return '\u2013';
  if (value === 0) return '0';
  const exponent = Math.floor(Math.log10(Math.abs(value)) + 1e-12);
  if (exponent >= -3 && exponent < 6) {
    const decimals = Math.max(0, Math.min(digits - 1 - exponent, 20));
    return minus(String(Number(value.toFixed(decimals))));
  }
  const mantissa = Number((value / 10 ** exponent).toFixed(digits - 1));
  const power = `10${superscript(exponent)}`;
  return minus(mantissa === 1 ? power : `${mantissa} \u00d7 ${power}`);
}

// Texts of ticks, with as many digits as it takes to tell where each of them lies.
function tickTexts(values) {
  const steps = values.slice(1).map((value, i) => Math.abs(value - values[i]));
  const off = 0.01 * Math.min(...steps);
  let digits = 3;
  const told = (value) => Math.abs(Number(value.toPrecision(digits)) - value) < off;
  while (digits < 12 && !values.every(told)) ++digits;
  return values.map((value) => formatNumber(Number(value.toPrecision(12)), digits));
}

function minus(text) {
  return text.replace('-', '\u2212');
}

function prettyUnit(unit) {
  return unit.replace(/\^(\d)/g, (_, d) => kSuperscripts[d]);
}

function withUnit(text, unit) {
  return unit ? `${text} ${prettyUnit(unit)}` : text;
}

// Hertz at and above 1000 read better as kHz; other units stay as they are.
function formatFrequency(frequency, unit, digits = 5) {
  if (unit === 'Hz' && Math.abs(frequency) >= 1000) {
    return `${formatNumber(frequency / 1000, digits)} kHz`;
  }
  return withUnit(formatNumber(frequency, digits), unit);
}

// The scale of a frequency axis: label, and divisor of its tick texts.
function frequencyAxis(highest, unit) {
  const kilo = unit === 'Hz' && highest >= 2000;
  return { divisor: kilo ? 1000 : 1, unit: kilo ? 'kHz' : prettyUnit(unit) };
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function button(text, label, action) {
  const made = element('button', '', text);
  made.type = 'button';
  made.title = label;
  made.setAttribute('aria-label', label);
  made.addEventListener('click', action);
  return made;
}

function toggle(text, label, pressed, action) {
  const made = button(text, label, () => {
    const next = made.getAttribute('aria-pressed') !== 'true';
    made.setAttribute('aria-pressed', String(next));
    action(next);
  });
  made.setAttribute('aria-pressed', String(pressed));
  return made;
}

// A labelled choice; `choices` are [text, value] pairs.
function choice(text, choices, value, action) {
  const label = element('label', '', text);
  const select = element('select');
  choices.forEach(([name], i) => {
    const option = element('option', '', name);
    option.value = String(i);
    select.append(option);
  });
  select.value = String(choices.findIndex((pair) => pair[1] === value));
  select.addEventListener('change', () => action(choices[Number(select.value)][1]));
  label.append(select);
  return label;
}

// Zoom buttons shared by both charts; `zoom(factor)` scales the visible span, 0 resets it.
function zoomButtons(zoom) {
  return [
    button('+', 'Zoom in', () => zoom(0.5)),
    button('\u2212', 'Zoom out', () => zoom(2)),
    button('Reset', 'Show everything', () => zoom(0)),
  ];
}

// [low, high] scaled by `factor` about its middle, kept inside [least, most].
function zoomed(low, high, factor, least, most) {
  const half = Math.min((high - low) * factor, most - least) / 2;
  const middle = Math.min(most - half, Math.max(least + half, (low + high) / 2));
  return [middle - half, middle + half];
}

// A canvas context in CSS pixels, with the backing store at the screen's resolution.
function prepare(canvas) {
  const ratio = Math.min(3, window.devicePixelRatio || 1);
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  const context = canvas.getContext('2d');
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.font = kFont;
  return { context, width, height, ratio };
}
