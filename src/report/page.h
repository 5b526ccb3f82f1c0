/// One offline HTML page of spectral features: plain data in, the text of one self-contained file
/// out. render() is pure (same page, same bytes), escapes everything, and keeps the page bounded
/// whatever it is given; where it had to reduce, the page says so.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace papilio::report {

inline constexpr std::size_t kHeatmapColumns = 2000;  ///< most cells of a heatmap in time
inline constexpr std::size_t kHeatmapBins = 512;      ///< most cells of a heatmap in frequency
inline constexpr std::size_t kCurvePoints = 4000;     ///< most points of a curve
inline constexpr std::size_t kMatrixNames = 64;       ///< most rows and columns of a matrix
inline constexpr std::size_t kPageBytes = 6'000'000;  ///< most bytes of a page
inline constexpr std::size_t kPageChannels = 64;      ///< most channels that get charts

/// One line of a key/value list.
struct Entry {
  std::string key;
  std::string value;
};

/// A peak to show on a chart.
struct Marker {
  double frequency = 0.0;  ///< in the chart's frequency unit
  double power = 0.0;      ///< in the curve's unit; a heatmap only shows it in its readout
  std::string label;       ///< short, e.g. "1"
  double time_s = std::numeric_limits<double>::quiet_NaN();  ///< NaN: holds for the whole row
};

/// Values over time and frequency, or (x_label, y_label) over numbered positions and rows; one cell
/// per (column, bin). reduce.h makes one from a stream.
struct Heatmap {
  std::string title;        ///< "Log-mel spectrogram"
  std::string value_label;  ///< what a cell holds: "power", "log-mel"
  std::string value_unit;   ///< "dB", or empty for pure numbers
  std::string x_label;      ///< what a column is, "position"; empty: time in seconds
  std::string y_label;      ///< what a bin is, "stage", numbered from 0; empty: a frequency
  std::string frequency_unit = "Hz";
  bool bands = false;          ///< bins are drawn equally tall (mel); else to frequency
  std::size_t columns = 0;     ///< cells in time
  std::size_t bins = 0;        ///< cells in frequency
  double first_edge_s = 0.0;   ///< left edge of the first column
  double column_s = 1.0;       ///< width of a column
  std::vector<double> edges;   ///< bins + 1 ascending frequencies: the lower edge of each bin
  std::vector<float> values;   ///< [column][bin]; NaN is drawn as a gap
  double dynamic_range = 0.0;  ///< values further below the largest are drawn as the floor; 0: all
  std::size_t frames_per_column = 1;  ///< more than 1: a cell is the largest of that many frames
  std::size_t bins_per_cell = 1;      ///< more than 1: ... and of up to that many bins
  std::vector<Marker> markers;
};

/// Values over frequency, e.g. a mean PSD.
struct Curve {
  std::string title;
  std::string y_label;  ///< "power spectral density"
  std::string y_unit;   ///< "V^2/Hz"; "dB" means that y is in decibels already
  std::string x_label = "frequency";
  std::string x_unit = "Hz";
  double decibels = 10.0;  ///< y in dB is so many log10(y): 10 for powers, 20 for amplitudes
  bool log_y = true;       ///< start with a logarithmic value axis (never with unit dB)
  std::vector<double> x;   ///< ascending frequencies
  std::vector<double> y;   ///< as many values; NaN is drawn as a gap
  std::vector<Marker> markers;
  std::size_t bins_per_point = 1;  ///< more than 1: a point is the largest of that many bins
};

/// A small table of positive numbers whose cells are coloured by their logarithm, e.g. errors of
/// models (rows) on data (columns). At most kMatrixNames of each are shown.
struct Matrix {
  std::string title;
  std::string row_label;             ///< "trained at"
  std::string column_label;          ///< "evaluated at"
  std::vector<std::string> rows;     ///< names
  std::vector<std::string> columns;  ///< names
  std::vector<double> values;        ///< [row][column]; NaN: no value
};

/// What the page shows of one row of the input. With several, the page has a selector.
struct Channel {
  std::string name;
  std::string warning;  ///< e.g. "non-finite from sample 17"; empty: none
  std::vector<Heatmap> heatmaps;
  std::vector<Curve> curves;
  std::vector<Matrix> matrices = {};
};

/// A column's head; numbers are aligned to the right.
struct Column {
  std::string name;
  bool numeric = true;
};

/// One line of a table.
struct TableRow {
  int channel = -1;  ///< index into FeaturePage::channels, or -1: shown with every channel
  std::vector<std::string> cells;
};

struct Table {
  std::string title;
  std::vector<Column> columns;
  std::vector<TableRow> rows;
};

/// Everything on the page, in the order it is shown.
struct FeaturePage {
  std::string title;               ///< "Spectral peaks"
  std::string input;               ///< file name, untrusted
  std::string subtitle;            ///< "Papilio 0.1.0 peaks, profile scipy"
  std::vector<std::string> notes;  ///< warnings, shown prominently
  std::vector<Entry> facts;        ///< sample rate, samples used and dropped, ...
  std::vector<Channel> channels;
  std::vector<Table> tables;
  std::string definition;  ///< the exact definition used, pretty-printed JSON
  std::vector<Entry> machine;
};

/// The HTML text of `page`, at most kPageBytes. Throws InternalError when a chart's sizes disagree
/// (values against columns x bins, y against x) or its frequencies do not ascend.
std::string render(const FeaturePage& page);

}  // namespace papilio::report
