// A curve over frequency (mean PSD) on uPlot: labelled peaks, linear or logarithmic axes, hover,
// zoom, other channels for comparison. Logarithms are taken here, so that zooming, ticks and gaps
// are the same on every axis.

class SpectrumChart {
  constructor(host, name, curve, others) {
    this.name = name;
    this.curve = curve;
    this.others = others.filter((other) =>
      other.curve.yUnit === curve.yUnit && other.curve.xUnit === curve.xUnit);
    this.x = decodeDoubles(curve.x);
    this.y = decodeDoubles(curve.y);
    this.logX = false;
    this.logY = curve.logY;
    this.compare = false;
    this.build(host);
    this.make();
    this.observer = new ResizeObserver(() => {
      this.chart.setSize({ width: this.plot.clientWidth, height: this.plot.clientHeight });
    });
    this.observer.observe(this.plot);
  }

  destroy() {
    this.observer.disconnect();
    this.chart.destroy();
  }

  draw() {
    this.make();
  }

  build(host) {
    const { curve } = this;
    const section = element('section', 'card');
    const tools = element('div', 'tools');
    tools.append(...zoomButtons((factor) => this.zoom(factor)));
    if (this.x.some((value) => value > 0)) {
      const meaning = `Logarithmic ${curve.xLabel} axis`;
      tools.append(toggle(`Log ${curve.xLabel}`, meaning, false, (on) => {
        this.logX = on;
        this.make();
      }));
    }
    if (curve.yUnit !== 'dB') {
      tools.append(toggle('Log value', 'Logarithmic value axis', this.logY, (on) => {
        this.logY = on;
        this.make();
      }));
    }
    if (this.others.length > 0) {
      tools.append(toggle('Compare channels', 'Overlay other channels', false, (on) => {
        this.compare = on;
        this.make();
      }));
    }
    this.readout = element('output', 'readout');
    this.plot = element('div', 'plot spectrum');
    this.plot.setAttribute('role', 'img');
    this.plot.setAttribute('aria-label', curve.title);
    this.legend = element('p', 'legend');
    section.append(element('h2', '', curve.title), tools, this.readout, this.plot, this.legend);
    if (curve.note) section.append(element('p', 'caption', curve.note));
    host.append(section);
    this.plot.addEventListener('pointermove', (event) => this.touch(event));
    this.plot.addEventListener('pointerdown', (event) => this.touch(event));
  }

  // uPlot follows the mouse by itself; fingers are handed on.
  touch(event) {
    if (event.pointerType === 'mouse') return;
    const box = this.chart.over.getBoundingClientRect();
    this.chart.setCursor({ left: event.clientX - box.left, top: event.clientY - box.top });
  }

  overlaid() {
    return this.compare ? this.others.slice(0, kOverlayColours.length) : [];
  }

  // Values as drawn; what has no logarithm is a gap.
  drawn(values, log) {
    return values.map((value) => {
      if (!Number.isFinite(value) || (log && value <= 0)) return null;
      return log ? Math.log10(value) : value;
    });
  }

  data() {
    const table = (x, y) => {
      const keep = x.map((value) => !this.logX || value > 0);
      const kept = (values) => values.filter((_, i) => keep[i]);
      return [this.drawn(kept(x), this.logX), this.drawn(kept(y), this.logY)];
    };
    const own = table(this.x, this.y);
    const overlaid = this.overlaid();
    if (overlaid.length === 0) return own;
    const tables = overlaid.map(({ curve }) =>
      table(decodeDoubles(curve.x), decodeDoubles(curve.y)));
    return uPlot.join([own, ...tables]);
  }

  make() {
    const seen = this.chart ? this.span() : null;
    if (this.chart) this.chart.destroy();
    const data = this.data();
    this.chart = new uPlot(this.options(data), data, this.plot);
    this.madeLog = this.logX;
    if (seen) this.show(seen);
    this.drawLegend();
    this.say(null);
  }

  options(data) {
    const { curve } = this;
    const narrow = this.plot.clientWidth < 480;
    const least = data[0][0];
    const most = data[0][data[0].length - 1];
    this.full = most > least ? [least, most] : [least - 0.5, least + 0.5];
    const series = [{}, this.stroke(colour('curve'), 1.5)];
    this.overlaid().forEach((_, i) => series.push(this.stroke(kOverlayColours[i], 1)));
    const axis = frequencyAxis(this.back(most, this.logX), curve.xUnit);
    const unit = prettyUnit(curve.yUnit);
    const look = { stroke: colour('soft'), font: kFont, labelFont: kFont, labelSize: 18 };
    const grid = { stroke: colour('grid'), width: 1 };
    const ticks = { stroke: colour('line'), width: 1, size: 5 };
    return {
      width: this.plot.clientWidth,
      height: this.plot.clientHeight,
      legend: { show: false },
      padding: [8, 12, 0, 0],
      scales: {
        x: { time: false, range: (u, low, high) => (high > low ? [low, high] : this.full) },
        y: { range: (u, low, high) => this.valueRange(low, high) },
      },
      axes: [
        {
          ...look, grid, ticks, size: 34,
          label: axis.unit ? `${curve.xLabel} (${axis.unit})` : curve.xLabel,
          splits: (u, i, low, high) => this.splits(low, high, this.logX, u.bbox.width / 80),
          values: (u, splits) =>
            splits.map((at) => formatNumber(this.back(at, this.logX) / axis.divisor, 4)),
        },
        {
          ...look, grid, ticks,
          size: (u, texts) => this.axisWidth(texts, narrow ? 52 : 68),
          label: unit ? `${curve.yLabel} (${unit})` : curve.yLabel,
          splits: (u, i, low, high) => this.splits(low, high, this.logY, u.bbox.height / 45),
          values: (u, splits) => this.valueTexts(splits),
        },
      ],
      series,
      cursor: { y: false, drag: { x: true, y: false }, points: { size: 7 } },
      hooks: { draw: [(u) => this.drawPeaks(u)], setCursor: [(u) => this.say(u.cursor.idx)] },
    };
  }

  // Of the value axis: its texts, their ticks, and the label beside them.
  axisWidth(texts, least) {
    const context = element('canvas').getContext('2d');
    context.font = kFont;
    const widths = (texts || []).map((text) => context.measureText(text).width);
    return Math.max(least, Math.ceil(34 + Math.max(0, ...widths)));
  }

  stroke(colourText, width) {
    return { stroke: colourText, width, points: { show: this.y.length < 3 } };
  }

  forth(value, log) {
    return log ? Math.log10(value) : value;
  }

  back(value, log) {
    return log ? 10 ** value : value;
  }

  splits(low, high, log, pixels) {
    const count = Math.max(2, pixels / (window.devicePixelRatio || 1));
    if (!log) return linearTicks(low, high, count);
    return logTicks(10 ** low, 10 ** high, count).map(Math.log10);
  }

  // On a logarithmic axis over many decades every text is a power of ten.
  valueTexts(splits) {
    const decades = this.logY && splits.length > 1 && splits[splits.length - 1] - splits[0] >= 3;
    if (!decades) return splits.map((at) => formatNumber(this.back(at, this.logY), 3));
    return splits.map((at) => (Math.abs(at - Math.round(at)) < 1e-9
      ? `10${superscript(Math.round(at))}` : ''));
  }

  // Room above the largest value for the peaks' labels.
  valueRange(low, high) {
    if (low === null || high === null || low === undefined) return [0, 1];
    if (!(high > low)) return [low - 0.5, high + 0.5];
    const span = high - low;
    const bottom = !this.logY && low >= 0 && low < span / 4 ? 0 : low - 0.04 * span;
    return [bottom, high + 0.22 * span];
  }

  drawPeaks(u) {
    const { ctx: context } = u;
    const ratio = window.devicePixelRatio || 1;
    const { left, top, width, height } = u.bbox;
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    context.font = kFont.replace('12px', `${Math.round(12 * ratio)}px`);
    context.textAlign = 'center';
    context.textBaseline = 'bottom';
    const peaks = this.curve.markers
      .filter((marker) => this.drawable(marker))
      .map((marker) => ({
        marker,
        x: u.valToPos(this.forth(marker.frequency, this.logX), 'x', true),
        y: u.valToPos(this.forth(marker.power, this.logY), 'y', true),
      }))
      .filter(({ x }) => x >= left && x <= left + width);
    context.strokeStyle = colour('peak');
    context.lineWidth = 2 * ratio;
    for (const { x, y } of peaks) {
      context.beginPath();
      context.arc(x, y, 4 * ratio, 0, 2 * Math.PI);
      context.stroke();
    }
    const room = { left, right: left + width, top, ratio, placed: [] };
    peaks.forEach((peak) => this.drawLabel(context, peak, peaks, room));
    context.restore();
  }

  drawable({ frequency, power }) {
    if (frequency === null || power === null) return false;
    return !(this.logX && frequency <= 0) && !(this.logY && power <= 0);
  }

  // Strongest first, as low above its peak as earlier labels and other peaks leave room, on a thin
  // line when it stands higher; left out where there is no room (the table has them all).
  drawLabel(context, peak, peaks, { left, right, top, ratio, placed }) {
    const frequency = formatFrequency(peak.marker.frequency, this.curve.xUnit, 4);
    const { label } = peak.marker;
    const text = label ? `${label}: ${frequency}` : frequency;
    const half = context.measureText(text).width / 2;
    const middle = Math.min(right - half - 2 * ratio, Math.max(left + half + 2 * ratio, peak.x));
    const low = middle - half - 3 * ratio;
    const high = middle + half + 3 * ratio;
    const clash = (y) => placed.some((other) =>
      low < other.high && other.low < high && Math.abs(y - other.y) < 15 * ratio) ||
      peaks.some((other) => other.x > low - 5 * ratio && other.x < high + 5 * ratio &&
        other.y > y - 18 * ratio && other.y < y + 5 * ratio);
    for (const rise of [8, 22, 36, 50]) {
      const y = peak.y - rise * ratio;
      if (y - 14 * ratio < top || clash(y)) continue;
      placed.push({ low, high, y });
      if (rise > 8) {
        context.strokeStyle = colour('soft');
        context.lineWidth = ratio;
        context.beginPath();
        context.moveTo(peak.x, peak.y - 5 * ratio);
        context.lineTo(peak.x, y);
        context.stroke();
      }
      context.fillStyle = colour('ink');
      context.fillText(text, middle, y);
      return;
    }
  }

  drawLegend() {
    const overlaid = this.overlaid();
    this.legend.replaceChildren();
    const add = (text, stroke) => {
      const entry = element('span');
      const chip = element('i', stroke ? '' : 'ring');
      if (stroke) chip.style.backgroundColor = stroke;
      entry.append(chip, text);
      this.legend.append(entry);
    };
    add(overlaid.length > 0 ? this.name : this.curve.yLabel, colour('curve'));
    overlaid.forEach((other, i) => add(other.name, kOverlayColours[i]));
    if (overlaid.length < this.others.length && this.compare) {
      this.legend.append(element('span', '', `and ${this.others.length - overlaid.length} more`));
    }
    if (this.curve.markers.length > 0) add('peaks, strongest is 1', null);
  }

  say(index) {
    const { curve } = this;
    const known = index !== null && index !== undefined && this.chart.data[0][index] !== undefined;
    this.readout.classList.toggle('live', known);
    if (!known) {
      this.readout.textContent = this.y.some((value) => Number.isFinite(value))
        ? `Point at the chart to read values; drag to zoom in ${curve.xLabel}.`
        : 'Nothing to show: no value is finite.';
      return;
    }
    const frequency = this.back(this.chart.data[0][index], this.logX);
    const drawn = this.chart.data[1][index];
    let text = 'no value';
    if (drawn !== null && drawn !== undefined) {
      const value = this.back(drawn, this.logY);
      text = withUnit(formatNumber(value), curve.yUnit);
      if (curve.yUnit !== 'dB' && value > 0) {
        text += ` (${minus((curve.decibels * Math.log10(value)).toFixed(1))} dB)`;
      }
    }
    const name = this.overlaid().length > 0 ? ` \u00b7 ${this.name}` : '';
    const place = formatFrequency(frequency, curve.xUnit, 6);
    this.readout.textContent = `${place}${name} \u00b7 ${text}`;
  }

  // The visible frequencies, whatever the axis; null when all are.
  span() {
    const { min, max } = this.chart.scales.x;
    if (min <= this.full[0] && max >= this.full[1]) return null;
    return [this.back(min, this.madeLog), this.back(max, this.madeLog)];
  }

  show([low, high]) {
    const first = this.full[0];
    const least = this.logX && low <= 0 ? first : Math.max(first, this.forth(low, this.logX));
    const next = [least, this.forth(high, this.logX)];
    if (next[1] > next[0]) this.chart.setScale('x', { min: next[0], max: next[1] });
  }

  zoom(factor) {
    const { min, max } = this.chart.scales.x;
    const [least, most] = this.full;
    const next = factor === 0 ? this.full : zoomed(min, max, factor, least, most);
    this.chart.setScale('x', { min: next[0], max: next[1] });
  }
}
