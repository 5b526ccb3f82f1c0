// A canvas heatmap of values over time and frequency, or over numbered positions and rows: peaks on
// it, colour bar, zoom along x, hover.

class HeatmapChart extends HeatmapGrid {
  constructor(host, map) {
    super(map);
    this.range = [map.start, this.end];
    this.depth = map.valueUnit === 'dB' ? Math.min(80, map.high - map.low) : map.high - map.low;
    this.showPeaks = true;
    this.cursor = null;
    this.selection = null;
    this.build(host);
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.plot);
  }

  destroy() {
    this.observer.disconnect();
  }

  build(host) {
    const { map } = this;
    const section = element('section', 'card');
    section.append(element('h2', '', map.title), this.tools());
    this.readout = element('output', 'readout');
    this.plot = element('div', 'plot heatmap');
    this.base = element('canvas');
    this.over = element('canvas');
    this.over.tabIndex = 0;
    this.over.setAttribute('role', 'img');
    this.over.setAttribute('aria-label', `${map.title}; arrow keys move the cursor`);
    this.plot.append(this.base, this.over);
    section.append(this.readout, this.plot);
    if (map.note) section.append(element('p', 'caption', map.note));
    host.append(section);
    this.listen();
    this.say();
  }

  tools() {
    const { map } = this;
    const tools = element('div', 'tools');
    tools.append(...zoomButtons((factor) => this.zoom(factor)));
    if (map.markers.length > 0) {
      tools.append(toggle('Peaks', 'Show the peaks', true, (on) => {
        this.showPeaks = on;
        this.draw();
      }));
    }
    const all = map.high - map.low;
    if (map.valueUnit === 'dB' && all > 40) {
      const depths = [40, 60, 80, 100].filter((depth) => depth < all).map((d) => [`${d} dB`, d]);
      depths.push(['all', all]);
      tools.append(choice('Range', depths, this.depth, (depth) => {
        this.depth = depth;
        this.draw();
      }));
    }
    if (!map.bands) {
      const scales = [['linear', 'linear'], ['log', 'log']];
      tools.append(choice('Frequency', scales, 'linear', (scale) => {
        this.scale = scale;
        this.draw();
      }));
    }
    return tools;
  }

  zoom(factor) {
    const { map, range, end } = this;
    if (factor === 0) this.range = [map.start, end];
    else this.range = zoomed(range[0], range[1], factor, map.start, end);
    if (this.range[1] - this.range[0] < 2 * map.step) this.range = range;
    this.cursor = null;
    this.draw();
  }

  area() {
    const narrow = this.plot.clientWidth < 480;
    const left = narrow ? 44 : 56;
    const height = Math.max(20, this.plot.clientHeight - 22 - 42);
    // Bar and ticks take 27; near 1 their texts have many digits.
    const context = this.base.getContext('2d');
    const texts = this.barTicks(height).map(([, text]) => context.measureText(text).width);
    const right = Math.max(narrow ? 56 : 66, Math.ceil(27 + Math.max(0, ...texts)));
    const width = Math.max(20, this.plot.clientWidth - left - right);
    return { left, top: 22, width, height };
  }

  // Values beside the colour bar, and their texts.
  barTicks(height) {
    const { map, depth } = this;
    if (!(depth > 0)) return [[map.high, formatNumber(map.high, 3)]];
    const values = linearTicks(map.high - depth, map.high, height / 46);
    const texts = tickTexts(values);
    return values.map((value, i) => [value, texts[i]]);
  }

  draw() {
    if (this.plot.clientWidth === 0) return;
    const surface = prepare(this.base);
    const area = this.area();
    surface.context.fillStyle = colour('card');
    surface.context.fillRect(0, 0, surface.width, surface.height);
    this.drawCells(surface, area);
    this.drawAxes(surface.context, area);
    this.drawBar(surface.context, area);
    if (this.showPeaks) this.drawPeaks(surface.context, area);
    this.drawCursor();
  }

  // Colour of every code, as little-endian RGBA words.
  palette() {
    const words = new Uint32Array(this.gap + 1);
    const bottom = this.map.high - this.depth;
    const steps = 1024;
    const ramp = Array.from({ length: steps + 1 }, (_, i) => {
      const [r, g, b] = viridis(i / steps);
      return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
    });
    for (let code = 0; code < this.gap; ++code) {
      const position = this.depth > 0 ? (this.valueOf(code) - bottom) / this.depth : 0.5;
      words[code] = ramp[Math.round(steps * Math.min(1, Math.max(0, position)))];
    }
    if (this.depth > 0) words[0] = ramp[0];
    return words;
  }

  // Each screen pixel shows the largest of the cells that it covers, so that no peak is lost.
  drawCells({ context, ratio }, area) {
    const { map, codes, gap, range } = this;
    const width = Math.max(1, Math.round(area.width * ratio));
    const height = Math.max(1, Math.round(area.height * ratio));
    const left = Math.round(area.left * ratio);
    const top = Math.round(area.top * ratio);
    const image = context.createImageData(width, height);
    const words = new Uint32Array(image.data.buffer);
    const palette = this.palette();
    const rows = this.pixelRuns(height, (at) => this.binAt(this.frequencyAt(1 - at)));
    const columns = this.pixelRuns(width, (at) =>
      this.columnAt(range[0] + at * (range[1] - range[0])));
    for (let x = 0; x < width; ++x) {
      const [c0, c1] = columns[x];
      for (let y = 0; y < height; ++y) {
        const [r0, r1] = rows[y];
        let best = -1;
        for (let c = c0; c <= c1; ++c) {
          for (let i = c * map.bins + r0; i <= c * map.bins + r1; ++i) {
            if (codes[i] > best && codes[i] !== gap) best = codes[i];
          }
        }
        if (best >= 0) words[y * width + x] = palette[best];
      }
    }
    context.fillStyle = colour('gap');
    context.fillRect(area.left, area.top, area.width, area.height);
    // putImageData would erase the gap colour under transparent pixels.
    const layer = element('canvas');
    layer.width = width;
    layer.height = height;
    layer.getContext('2d').putImageData(image, 0, 0);
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(layer, left, top);
    context.restore();
  }

  // For each pixel the first and last index that it covers: from its own to just before its
  // neighbour's, in whichever direction the index grows.
  pixelRuns(count, indexAt) {
    const at = Array.from({ length: count + 1 }, (_, i) => indexAt(Math.min(1, (i + 0.5) / count)));
    return at.slice(0, count).map((first, i) => {
      const next = at[i + 1];
      if (next > first + 1) return [first, next - 1];
      if (next < first - 1) return [next + 1, first];
      return [first, first];
    });
  }

  drawAxes(context, area) {
    const { map, range } = this;
    const bottom = area.top + area.height;
    context.strokeStyle = colour('soft');
    context.fillStyle = colour('soft');
    context.lineWidth = 1;
    context.textAlign = 'center';
    context.textBaseline = 'top';
    const span = range[1] - range[0];
    const count = Math.max(2, area.width / 80);
    const ticks = map.xLabel ? linearTicks(...range, count) : timeTicks(...range, count);
    for (const at of ticks) {
      const x = area.left + ((at - range[0]) / span) * area.width;
      this.tick(context, x, bottom, x, bottom + 4);
      context.fillText(map.xLabel ? formatNumber(at) : minus(formatTime(at, span)), x, bottom + 7);
    }
    const timeUnit = span < 90 ? 'time (s)' : range[1] < 3600 ? 'time (m:ss)' : 'time (h:mm:ss)';
    context.fillText(map.xLabel || timeUnit, area.left + area.width / 2, bottom + 24);
    this.drawRows(context, area);
  }

  drawRows(context, area) {
    const { edges, map } = this;
    const bottom = area.top + area.height;
    const axis = frequencyAxis(edges[edges.length - 1], map.frequencyUnit);
    context.textAlign = 'left';
    context.textBaseline = 'alphabetic';
    context.fillText(map.yLabel || `frequency (${axis.unit})`, 0, 12);
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    // Numbered rows are named in their middle.
    const marks = map.yLabel
      ? Array.from({ length: map.bins }, (_, i) => [(i + 0.5) / map.bins, String(i)])
      : this.frequencyTicks(area.height / 42).map((frequency) =>
        [this.height(frequency), formatNumber(frequency / axis.divisor, 3)]);
    let free = Infinity;
    for (const [height, text] of marks) {
      const y = bottom - height * area.height;
      if (free - y < 16) continue;
      free = y;
      this.tick(context, area.left - 4, y, area.left, y);
      context.fillText(text, area.left - 7, y);
    }
  }

  tick(context, x0, y0, x1, y1) {
    context.beginPath();
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
    context.stroke();
  }

  drawBar(context, area) {
    const { map } = this;
    const x = area.left + area.width + 10;
    const bottom = area.top + area.height;
    const ramp = context.createLinearGradient(0, bottom, 0, area.top);
    for (let i = 0; i <= 32; ++i) ramp.addColorStop(i / 32, `rgb(${viridis(i / 32).join(',')})`);
    context.fillStyle = ramp;
    context.fillRect(x, area.top, 12, area.height);
    context.fillStyle = colour('soft');
    context.textAlign = 'right';
    context.textBaseline = 'alphabetic';
    const label = withUnit(map.valueLabel, map.valueUnit ? `(${map.valueUnit})` : '');
    context.fillText(label, this.plot.clientWidth, 12);
    context.textAlign = 'left';
    context.textBaseline = 'middle';
    const low = map.high - this.depth;
    for (const [value, text] of this.barTicks(area.height)) {
      const share = this.depth > 0 ? (value - low) / this.depth : 0.5;
      const y = bottom - share * area.height;
      this.tick(context, x + 12, y, x + 15, y);
      context.fillText(text, x + 17, y);
    }
  }

  // A peak with a time is a ring; one that holds for the whole row is a line across.
  drawPeaks(context, area) {
    const { map, edges, range } = this;
    context.save();
    context.beginPath();
    context.rect(area.left, area.top, area.width, area.height);
    context.clip();
    const labels = [];
    for (const marker of map.markers) {
      const { frequency } = marker;
      if (frequency === null || frequency < this.lowest() || frequency > edges[map.bins]) continue;
      const y = area.top + (1 - this.height(frequency)) * area.height;
      const timed = marker.time !== null;
      const x = timed
        ? area.left + ((marker.time - range[0]) / (range[1] - range[0])) * area.width
        : area.left;
      this.drawPeak(context, area, timed ? x : null, y);
      const text = formatFrequency(frequency, map.frequencyUnit, 4);
      const full = marker.label ? `${marker.label}: ${text}` : text;
      labels.push({ x: timed ? x + 8 : area.left + area.width - 16, y, text: full, timed });
    }
    this.drawLabels(context, area, labels);
    context.restore();
  }

  // The line across is faint, so that it hides no cell; its ends are not.
  drawPeak(context, area, x, y) {
    const right = area.left + area.width;
    if (x === null) {
      context.strokeStyle = 'rgba(255,255,255,0.38)';
      context.lineWidth = 1;
      this.tick(context, area.left, y, right, y);
    }
    for (const [stroke, width] of [['rgba(0,0,0,0.7)', 4], ['#fff', 2]]) {
      context.strokeStyle = stroke;
      context.lineWidth = width;
      if (x === null) {
        this.tick(context, area.left, y, area.left + 12, y);
        this.tick(context, right - 12, y, right, y);
      } else {
        context.beginPath();
        context.arc(x, y, 5, 0, 2 * Math.PI);
        context.stroke();
      }
    }
  }

  // Strongest first; a label that would cover an earlier one is left out.
  drawLabels(context, area, labels) {
    const placed = [];
    context.textBaseline = 'middle';
    context.textAlign = 'left';
    for (const label of labels) {
      const width = context.measureText(label.text).width + 10;
      const x = label.timed ? label.x : label.x - width;
      const y = Math.min(area.top + area.height - 9, Math.max(area.top + 9, label.y));
      const clash = placed.some((p) =>
        Math.abs(p.y - y) < 19 && x < p.x + p.width && p.x < x + width);
      if (clash) continue;
      placed.push({ x, y, width });
      context.fillStyle = 'rgba(15,20,28,0.78)';
      context.fillRect(x, y - 9, width, 18);
      context.fillStyle = '#fff';
      context.fillText(label.text, x + 5, y + 0.5);
    }
  }

  drawCursor() {
    const { context, width, height } = prepare(this.over);
    context.clearRect(0, 0, width, height);
    const area = this.area();
    if (this.selection) {
      const [x0, x1] = this.selection;
      context.fillStyle = 'rgba(255,255,255,0.35)';
      context.fillRect(Math.min(x0, x1), area.top, Math.abs(x1 - x0), area.height);
    }
    if (!this.cursor) return;
    const { x, y } = this.cursor;
    for (const [stroke, line] of [['rgba(0,0,0,0.6)', 3], ['#fff', 1]]) {
      context.strokeStyle = stroke;
      context.lineWidth = line;
      this.tick(context, x, area.top, x, area.top + area.height);
      this.tick(context, area.left, y, area.left + area.width, y);
    }
  }

  say() {
    this.readout.classList.toggle('live', this.cursor !== null);
    if (!this.cursor) {
      this.readout.textContent = this.codes.every((code) => code === this.gap)
        ? 'Nothing to show: no value is finite.'
        : `Point at the chart to read values; drag to zoom${this.map.xLabel ? '' : ' in time'}.`;
      return;
    }
    const { map, range } = this;
    const area = this.area();
    const time = range[0] + ((this.cursor.x - area.left) / area.width) * (range[1] - range[0]);
    const frequency = this.frequencyAt(1 - (this.cursor.y - area.top) / area.height);
    const column = this.columnAt(time);
    const bin = this.binAt(frequency);
    const code = this.codes[column * map.bins + bin];
    const middle = (this.edges[bin] + this.edges[bin + 1]) / 2;
    let value = withUnit(formatNumber(this.valueOf(code)), map.valueUnit);
    if (code === this.gap) value = 'no value';
    if (code === 0) value = `below ${withUnit(formatNumber(map.low), map.valueUnit)}`;
    if (map.xLabel) {
      const place = map.step > 1 ? `from ${map.xLabel}` : map.xLabel;
      this.readout.textContent = `${map.yLabel} ${bin} \u00b7 ${place} ${column * map.step} ` +
        `\u00b7 ${value}`;
      return;
    }
    const band = map.bands ? ` (band ${bin})` : '';
    const centre = map.start + (column + 0.5) * map.step;
    const digits = Math.max(0, Math.min(6, Math.ceil(1 - Math.log10(map.step))));
    const clock = range[1] >= 90 ? ` (${formatTime(centre, 90)})` : '';
    this.readout.textContent = `${minus(centre.toFixed(digits))} s${clock} \u00b7 ` +
      `${formatFrequency(middle, map.frequencyUnit)}${band} \u00b7 ${value}`;
  }

  listen() {
    let start = null;
    const place = (event) => {
      const box = this.over.getBoundingClientRect();
      const area = this.area();
      const x = event.clientX - box.left;
      const y = event.clientY - box.top;
      const right = area.left + area.width;
      const bottom = area.top + area.height;
      const inside = x >= area.left && x <= right && y >= area.top && y <= bottom;
      const clipped = Math.min(right, Math.max(area.left, x));
      return { inside, x: clipped, y: Math.min(bottom, Math.max(area.top, y)) };
    };
    const update = (cursor) => {
      this.cursor = cursor;
      this.drawCursor();
      this.say();
    };
    this.over.addEventListener('pointerdown', (event) => {
      const at = place(event);
      // A finger moves the cursor; it zooms by the buttons.
      if (at.inside && event.pointerType === 'mouse') start = at.x;
      if (start !== null) this.over.setPointerCapture(event.pointerId);
      update(at.inside ? at : null);
    });
    this.over.addEventListener('pointermove', (event) => {
      const at = place(event);
      if (start !== null) this.selection = [start, at.x];
      update(at.inside || start !== null ? at : null);
    });
    this.over.addEventListener('pointerup', () => {
      const chosen = this.selection;
      start = null;
      this.selection = null;
      if (chosen && Math.abs(chosen[1] - chosen[0]) > 6) this.select(chosen);
      else this.drawCursor();
    });
    this.over.addEventListener('pointerleave', (event) => {
      if (start === null && event.pointerType === 'mouse') update(null);
    });
    this.over.addEventListener('dblclick', () => this.zoom(0));
    this.over.addEventListener('keydown', (event) => this.key(event, update));
  }

  select([x0, x1]) {
    const { range, map } = this;
    const area = this.area();
    const time = (x) => range[0] + ((x - area.left) / area.width) * (range[1] - range[0]);
    const next = [time(Math.min(x0, x1)), time(Math.max(x0, x1))];
    if (next[1] - next[0] >= 2 * map.step) this.range = next;
    this.cursor = null;
    this.draw();
    this.say();
  }

  key(event, update) {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    const area = this.area();
    const at = this.cursor ||
      { x: area.left + area.width / 2, y: area.top + area.height / 2 };
    const stride = event.shiftKey ? 20 : 2;
    update({
      x: Math.min(area.left + area.width, Math.max(area.left, at.x + stride * move[0])),
      y: Math.min(area.top + area.height, Math.max(area.top, at.y + stride * move[1])),
    });
  }
}
