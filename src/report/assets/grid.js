// The cells behind a heatmap: from codes to values, and between times, frequencies and cells.

class HeatmapGrid {
  constructor(map) {
    this.map = map;
    this.codes = decodeCodes(map.data, map.bits);
    this.gap = 2 ** map.bits - 1;
    this.edges = decodeDoubles(map.edges);
    this.end = map.start + map.columns * map.step;
    this.scale = map.bands ? 'bands' : 'linear';
  }

  // Height (0 bottom, 1 top) of a frequency.
  height(frequency) {
    const { edges, scale } = this;
    const last = edges.length - 1;
    if (scale === 'bands') {
      if (frequency <= edges[0]) return 0;
      for (let i = 0; i < last; ++i) {
        if (frequency <= edges[i + 1]) {
          return (i + (frequency - edges[i]) / (edges[i + 1] - edges[i] || 1)) / last;
        }
      }
      return 1;
    }
    const low = this.lowest();
    if (scale === 'log') {
      return Math.log(Math.max(frequency, low) / low) / Math.log(edges[last] / low);
    }
    return (frequency - low) / (edges[last] - low);
  }

  frequencyAt(height) {
    const { edges, scale } = this;
    const last = edges.length - 1;
    if (scale === 'bands') {
      const i = Math.min(last - 1, Math.max(0, Math.floor(height * last)));
      return edges[i] + (height * last - i) * (edges[i + 1] - edges[i]);
    }
    const low = this.lowest();
    if (scale === 'log') return low * (edges[last] / low) ** height;
    return low + height * (edges[last] - low);
  }

  // A logarithmic axis starts at the first bin above 0 Hz, at most three decades down.
  lowest() {
    const { edges, scale } = this;
    if (scale !== 'log') return edges[0];
    const top = edges[edges.length - 1];
    return Math.max(edges.find((edge) => edge > 0) || top / 1000, top / 1000);
  }

  binAt(frequency) {
    let low = 0;
    let high = this.map.bins - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.edges[middle] <= frequency) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  columnAt(time) {
    const column = Math.floor((time - this.map.start) / this.map.step);
    return Math.min(this.map.columns - 1, Math.max(0, column));
  }

  valueOf(code) {
    const { low, high } = this.map;
    return low + ((code - 1) / (this.gap - 2)) * (high - low);
  }

  frequencyTicks(count) {
    const low = this.lowest();
    const high = this.edges[this.edges.length - 1];
    if (this.scale === 'linear') return linearTicks(low, high, count);
    if (this.scale === 'log') return logTicks(low, high, count * 1.5);
    // Mel bands: round numbers near evenly spaced heights.
    const ticks = [];
    const steps = Math.max(3, Math.round(count));
    for (let i = 0; i <= steps; ++i) {
      const raw = this.frequencyAt(i / steps);
      const step = raw > 0 ? 10 ** Math.floor(Math.log10(raw)) / 2 : 1;
      const nice = i === steps ? raw : Math.round(raw / step) * step;
      if (nice >= low && nice <= high && !ticks.includes(nice)) ticks.push(nice);
    }
    return ticks;
  }
}
