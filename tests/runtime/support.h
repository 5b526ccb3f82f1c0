// Shared by the tests of devices: signals, runs of one graph on one device, comparisons by row.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "base/tensor.h"
#include "kernels/isa.h"
#include "runtime/compile.h"
#include "runtime/program.h"

namespace papilio::runtime::testing {

/// rows x samples of noise with a tone and an offset, in double; row r is 10^(r mod 7) loud.
inline std::vector<double> signal(std::int64_t rows, std::int64_t samples, unsigned seed = 1,
                                  bool complex = false) {
  std::mt19937 random(seed);
  std::normal_distribution<double> noise;
  std::vector<double> data;
  for (std::int64_t row = 0; row < rows; ++row) {
    const double loud = std::pow(10.0, static_cast<double>(row % 7));
    for (std::int64_t i = 0; i < samples; ++i) {
      const double tone = std::sin(0.37 * static_cast<double>(i) * (1.0 + 0.1 * double(row % 5)));
      data.push_back(loud * (noise(random) + tone + 0.5));
      if (complex) data.push_back(loud * noise(random));
    }
  }
  return data;
}

/// Results of one run: every output, row by row, as double (complex: re, im interleaved).
struct Outcome {
  std::vector<std::vector<double>> outputs;
  std::vector<std::vector<std::byte>> bytes;
  std::vector<RowStatus> status;
};

struct RunSpec {
  std::string device = "cpu";
  std::optional<kernels::Isa> isa;
  int threads = 1;
  BadSamples bad = BadSamples::flag;
};

/// The runs that every body of tests is held to: the device that PAPILIO_TEST_DEVICE names, or the
/// cpu with every instruction set, with one thread and with three.
inline std::vector<RunSpec> runs_under_test() {
  if (const char* device = std::getenv("PAPILIO_TEST_DEVICE")) return {{device, {}, 2}};
  std::vector<RunSpec> runs;
  for (const kernels::Isa isa : kernels::usable_isas()) {
    for (const int threads : {1, 3}) runs.push_back({"cpu", isa, threads});
  }
  return runs;
}

/// Whether the device under test is the emulator, which is too slow for many rows.
inline bool emulated() {
  return std::getenv("PAPILIO_TEST_DEVICE") != nullptr &&
         std::getenv("FAKE_CUDA_DEVICES") != nullptr;
}

inline std::string name_of(const RunSpec& run) {
  const std::string isa = run.isa ? std::string(" ") + kernels::name_of(*run.isa) : "";
  return run.device + isa + " threads " + std::to_string(run.threads);
}

inline std::vector<double> as_doubles(const std::vector<std::byte>& bytes, DType dtype) {
  std::vector<double> values;
  if (dtype == DType::f32 || dtype == DType::c64) {
    const auto* data = reinterpret_cast<const float*>(bytes.data());
    values.assign(data, data + bytes.size() / sizeof(float));
  } else {
    const auto* data = reinterpret_cast<const double*>(bytes.data());
    values.assign(data, data + bytes.size() / sizeof(double));
  }
  return values;
}

/// Dense row-major view.
inline base::TensorView dense_view(void* data, DType dtype,
                                   const std::vector<std::int64_t>& shape) {
  base::TensorView view = base::dense(data, dtype, {});
  view.rank = static_cast<int>(shape.size());
  auto stride = static_cast<std::int64_t>(size_of(dtype));
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    view.shape[axis] = shape[axis];
    view.byte_strides[axis] = stride;
    stride *= shape[axis];
  }
  return view;
}

/// Memory for every output of `program`, and dense views of it.
struct OutputMemory {
  OutputMemory(const Program& program, std::int64_t rows, std::int64_t samples) {
    for (const OutputSpec& spec : program.outputs()) {
      const auto shape = spec.type.resolve(rows, samples);
      std::size_t count = size_of(spec.type.dtype);
      for (const std::int64_t extent : shape) count *= static_cast<std::size_t>(extent);
      bytes.emplace_back(count, std::byte{0x5A});
      dtypes.push_back(spec.type.dtype);
      views.push_back(dense_view(bytes.back().data(), spec.type.dtype, shape));
    }
  }
  Outcome outcome(std::span<const RowStatus> status) const {
    Outcome result;
    result.bytes = bytes;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      result.outputs.push_back(as_doubles(bytes[i], dtypes[i]));
    }
    result.status.assign(status.begin(), status.end());
    return result;
  }
  std::vector<std::vector<std::byte>> bytes;
  std::vector<DType> dtypes;
  std::vector<base::TensorView> views;
};

inline Outcome run(const ir::Graph& graph, const base::TensorView& input, const RunSpec& spec) {
  const auto program = compile(graph, {spec.device, spec.isa});
  const base::ThreadPool pool(spec.threads);
  OutputMemory memory(*program, input.shape[0], input.shape[1]);
  std::vector<RowStatus> status(static_cast<std::size_t>(input.shape[0]));
  Workspace work;
  program->run({&input, 1}, memory.views, {&pool, spec.bad}, status, work);
  return memory.outcome(status);
}

/// Largest relative L2 distance of any of `rows` equal parts.
inline double worst_row(const std::vector<double>& got, const std::vector<double>& want,
                        std::int64_t rows) {
  EXPECT_EQ(got.size(), want.size());
  const auto length = static_cast<std::int64_t>(want.size()) / rows;
  double worst = 0.0;
  for (std::int64_t row = 0; row < rows; ++row) {
    double error = 0.0;
    double norm = 0.0;
    for (std::int64_t i = row * length; i < (row + 1) * length; ++i) {
      const auto at = static_cast<std::size_t>(i);
      if (std::isnan(got[at]) && std::isnan(want[at])) continue;
      error += (got[at] - want[at]) * (got[at] - want[at]);
      norm += want[at] * want[at];
    }
    const double relative = norm > 0 ? std::sqrt(error / norm) : std::sqrt(error);
    worst = relative <= worst ? worst : relative;  // NaN counts as worst
  }
  return worst;
}

}  // namespace papilio::runtime::testing
