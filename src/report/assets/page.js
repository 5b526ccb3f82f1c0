// Puts the page together: theme, channel selector, charts of the chosen channel.

function setUpTheme(onChange) {
  const names = ['auto', 'light', 'dark'];
  const root = document.documentElement;
  const button = document.getElementById('theme');
  let theme = 'auto';
  // Storage may be forbidden for a local file; the theme then lasts as long as the page.
  try {
    theme = localStorage.getItem('papilio-theme') || 'auto';
  } catch (error) {
    theme = 'auto';
  }
  const apply = () => {
    if (theme === 'auto') delete root.dataset.theme;
    else root.dataset.theme = theme;
    button.textContent = `Theme: ${theme}`;
    onChange();
  };
  button.addEventListener('click', () => {
    theme = names[(names.indexOf(theme) + 1) % names.length];
    try {
      localStorage.setItem('papilio-theme', theme);
    } catch (error) {
      button.title = 'The choice cannot be kept for the next visit';
    }
    apply();
  });
  button.hidden = false;
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', onChange);
  if (!names.includes(theme)) theme = 'auto';
  apply();
}

function channelName(channels, index) {
  return channels[index].name || `Channel ${index + 1}`;
}

function setUpChannels(channels, show) {
  const bar = document.getElementById('channel-bar');
  if (channels.length < 2) return;
  const choices = channels.map((_, i) => [channelName(channels, i), i]);
  bar.append(choice('Channel', choices, 0, show));
  bar.hidden = false;
}

function showRows(index) {
  for (const row of document.querySelectorAll('tr[data-channel]')) {
    row.hidden = Number(row.dataset.channel) !== index;
  }
}

function main() {
  const { channels } = JSON.parse(document.getElementById('payload').textContent);
  const host = document.getElementById('charts');
  let charts = [];
  const show = (index) => {
    charts.forEach((chart) => chart.destroy());
    host.replaceChildren();
    showRows(index);
    const channel = channels[index];
    if (channel.warning) host.append(element('p', 'note warning', channel.warning));
    const matrices = channel.matrices.map((matrix) => new MatrixChart(host, matrix));
    charts = channel.heatmaps.map((map) => new HeatmapChart(host, map));
    charts.push(...matrices);
    channel.curves.forEach((curve, i) => {
      const others = channels
        .map((other, at) => ({ name: channelName(channels, at), curve: other.curves[i] }))
        .filter((other, at) => at !== index && other.curve);
      charts.push(new SpectrumChart(host, channelName(channels, index), curve, others));
    });
  };
  setUpTheme(() => charts.forEach((chart) => chart.draw()));
  setUpChannels(channels, show);
  if (channels.length > 0) show(0);
}

main();
