// Magnitudes of each row over frequency (or over samples), and its largest values as a table.
#include "fft_page.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/text.h"
#include "page_parts.h"
#include "papilio/version.h"
#include "record.h"
#include "report/reduce.h"
#include "tables.h"

namespace papilio::app {
namespace {

constexpr std::size_t kLargest = 16;

// What the values lie over: Hz, bins (negative ones in the second half) or samples.
struct Axis {
  std::string unit;
  std::vector<double> at;  ///< as stored: FFT order
  std::vector<std::size_t> order;
  bool own_column = true;  ///< the places say more than the index in the array
};

Axis axis_of(const FftRun& run) {
  Axis axis{"Hz", bin_frequencies(run), {}, true};
  if (axis.at.empty()) {
    axis.unit = run.options.inverse ? "sample" : "bin";
    const bool bins = !run.model || run.model->target == "dft";
    const bool two_sided = bins && !run.options.inverse && !run.options.real;
    axis.own_column = two_sided;
    for (std::int64_t k = 0; k < run.length; ++k) {
      const bool negative = two_sided && 2 * k >= run.n && k > 0;
      axis.at.push_back(static_cast<double>(negative ? k - run.n : k));
    }
  }
  axis.order = ascending(axis.at);
  return axis;
}

std::vector<double> magnitudes_of(const FftRun& run, std::int64_t row) {
  std::vector<double> magnitudes;
  for (std::int64_t i = 0; i < run.length; ++i) {
    magnitudes.push_back(std::abs(element_of(run, row * run.length + i)));
  }
  return magnitudes;
}

report::Channel channel_of(const FftRun& run, const Axis& axis,
                           const std::vector<double>& magnitudes, std::int64_t row) {
  const auto at = static_cast<std::size_t>(row);
  report::Curve curve;
  curve.title = run.options.inverse ? "Signal, magnitude" : "Magnitude spectrum";
  curve.y_label = "magnitude";
  curve.y_unit = run.info.units;
  if (run.options.inverse) curve.x_label = "time";
  curve.x_unit = axis.unit;
  curve.decibels = 20.0;
  curve.log_y = !run.options.inverse;
  for (const std::size_t i : axis.order) {
    curve.x.push_back(axis.at[i]);
    curve.y.push_back(magnitudes[i]);
  }
  report::Channel channel;
  channel.name = run.info.names[at];
  channel.warning = flag_text(run.info, run.status[at]);
  channel.curves.push_back(report::reduce_curve(std::move(curve)));
  return channel;
}

void add_largest(const FftRun& run, const Axis& axis, const std::vector<double>& magnitudes,
                 std::int64_t row, report::Table& table) {
  std::vector<std::size_t> index(magnitudes.size());
  std::iota(index.begin(), index.end(), std::size_t{0});
  std::erase_if(index, [&](std::size_t i) { return std::isnan(magnitudes[i]); });
  const std::size_t count = std::min(kLargest, index.size());
  std::partial_sort(index.begin(), index.begin() + static_cast<std::ptrdiff_t>(count), index.end(),
                    [&](std::size_t a, std::size_t b) {
                      return magnitudes[a] != magnitudes[b] ? magnitudes[a] > magnitudes[b] : a < b;
                    });
  for (std::size_t rank = 0; rank < count; ++rank) {
    const std::size_t i = index[rank];
    const std::complex<double> value =
        element_of(run, row * run.length + static_cast<std::int64_t>(i));
    report::TableRow line{static_cast<int>(row),
                          {run.info.names[static_cast<std::size_t>(row)], std::to_string(rank + 1),
                           std::to_string(i)}};
    if (axis.own_column) line.cells.push_back(short_number(axis.at[i], 7));
    line.cells.push_back(short_number(magnitudes[i]));
    line.cells.push_back(short_number(value.real(), 6));
    line.cells.push_back(short_number(value.imag(), 6));
    table.rows.push_back(std::move(line));
  }
}

std::vector<report::Entry> facts_of(const FftRun& run) {
  std::vector<report::Entry> facts{{"Transform", transform_name(run)},
                                   {"n", std::to_string(run.n)},
                                   {"Rows", std::to_string(run.info.rows)},
                                   {"Values a row", std::to_string(run.length)},
                                   {"Type", name_of(run.out_dtype)}};
  if (run.info.fs) facts.push_back({"Sample rate", base::to_text(*run.info.fs) + " Hz"});
  return facts;
}

}  // namespace

std::string numpy_name(const FftOptions& options) {
  if (options.real) return options.inverse ? "irfft" : "rfft";
  return options.inverse ? "ifft" : "fft";
}

std::string transform_name(const FftRun& run) {
  if (!run.model) return numpy_name(run.options);
  return "transform learned in " + run.model->reference.file;
}

std::string fft_page(const CommonOptions& common, const FftRun& run) {
  const Axis axis = axis_of(run);
  report::FeaturePage page;
  page.title = run.options.inverse ? "Inverse Fourier transform" : "Fourier transform";
  if (run.model) page.title = "Learned transform";
  page.input = run.info.path;
  page.subtitle = std::string("Papilio ") + build_info().version + " fft";
  page.notes = run.warnings;
  page.facts = facts_of(run);
  report::Table table{"Largest values",
                      {{"channel", false}, {"rank"}, {run.options.inverse ? "sample" : "bin"}},
                      {}};
  if (axis.own_column) {
    table.columns.push_back({axis.unit == "Hz" ? "frequency (Hz)" : "signed bin"});
  }
  for (const char* name : {"magnitude", "re", "im"}) table.columns.push_back({name});
  for (std::int64_t row = 0; row < shown_rows(run.info); ++row) {
    const std::vector<double> magnitudes = magnitudes_of(run, row);
    page.channels.push_back(channel_of(run, axis, magnitudes, row));
    add_largest(run, axis, magnitudes, row, table);
  }
  page.tables.push_back(std::move(table));
  page.definition = to_json(run.definition());
  page.machine = machine_of(run.strategy, common.execution);
  return report::render(page);
}

}  // namespace papilio::app
