// Asks the programs themselves what a run takes.
#include "doctor_batch.h"

#include <bit>
#include <memory>

#include "base/memory.h"
#include "base/tensor.h"
#include "papilio/error.h"
#include "runtime/compile.h"
#include "runtime/cuda/driver/device.h"
#include "spectral/peaks.h"
#include "spectral/transform.h"
#include "spectral/welch.h"
#include "tables.h"

namespace papilio::app {
namespace {

/// Samples of a row; no memory holds more.
constexpr double kMostSamples = 0x1p40;

struct Work {
  std::string name;
  std::int64_t samples = 0;
  ir::Graph graph;
};

WelchOptions welch_of(const BatchQuestion& question) {
  WelchOptions welch;
  welch.nperseg = question.n_fft;
  return welch;
}

std::vector<Work> works_of(const BatchQuestion& question) {
  const std::int64_t n = question.n_fft;
  const WelchOptions welch = welch_of(question);
  const std::int64_t samples = n + (question.segments - 1) * spectral::hop_of(welch);
  PeaksOptions peaks;
  peaks.welch = welch;
  peaks.mode = TopMode::bins;
  peaks.top = question.k;
  FftOptions fft;
  fft.real = true;
  std::vector<Work> works;
  works.push_back({"fft", n, spectral::build_fft(fft, n, DType::f32)});
  works.push_back({"psd", samples,
                   spectral::build_welch(spectral::fit_welch(welch, samples), false, DType::f32)});
  works.push_back(
      {"bins", samples,
       spectral::build_peaks(spectral::fit_peaks(peaks, samples, false), false, DType::f32)});
  return works;
}

base::TensorView view_of(DType dtype, const std::vector<std::int64_t>& shape,
                         base::DeviceKind device) {
  base::TensorView view = base::dense(nullptr, dtype, {});
  view.device = device;
  view.rank = static_cast<int>(shape.size());
  auto stride = static_cast<std::int64_t>(size_of(dtype));
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    view.shape[axis] = shape[axis];
    view.byte_strides[axis] = stride;
    stride *= shape[axis];
  }
  return view;
}

/// Bytes of a run with its rows and results.
double bytes_of(const runtime::Program& program, std::int64_t rows, std::int64_t samples,
                bool gpu) {
  const auto kind = gpu ? base::DeviceKind::cuda : base::DeviceKind::cpu;
  const runtime::OutputSpec& spec = program.outputs()[0];
  const base::TensorView in = view_of(DType::f32, {rows, samples}, kind);
  const base::TensorView out = view_of(spec.type.dtype, spec.type.resolve(rows, samples), kind);
  double bytes = 0.0;
  for (const base::TensorView* view : {&in, &out}) {
    bytes += static_cast<double>(view->count()) * static_cast<double>(size_of(view->dtype));
  }
  if (gpu) return bytes + static_cast<double>(program.gpu_work({&in, 1}, {&out, 1}, {}));
  const runtime::MemoryNeed need = program.run_memory({rows, samples, DType::f32}, {});
  return bytes + need.work + need.frames;
}

std::int64_t most_rows(const runtime::Program& program, std::int64_t samples, bool gpu,
                       double memory) {
  const double most = memory / static_cast<double>(samples * size_of(DType::f32));
  std::int64_t fits = 0;
  auto step = static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(most) + 1));
  for (; step > 0; step /= 2) {
    if (bytes_of(program, fits + step, samples, gpu) <= memory) fits += step;
  }
  return fits;
}

base::Json device_batches(const std::vector<Work>& works, const std::string& device) {
  base::Json json = base::Json::object();
  json["device"] = device;
  const auto ordinal = runtime::cuda::ordinal_of(device);
  try {
    const double memory =
        ordinal
            ? 15.0 / 16.0 * static_cast<double>(runtime::cuda::Device::get(*ordinal).free_memory())
            : 0.5 * static_cast<double>(base::available_memory());
    json["memory_bytes"] = static_cast<std::int64_t>(memory);
    json["works"] = base::Json::array();
    for (const Work& work : works) {
      const auto program = runtime::compile(work.graph, {device, {}});
      const std::int64_t rows = most_rows(*program, work.samples, ordinal.has_value(), memory);
      const double bytes = rows > 0 ? bytes_of(*program, rows, work.samples, ordinal.has_value()) /
                                          static_cast<double>(rows)
                                    : 0.0;
      json["works"].push_back({{"work", work.name},
                               {"samples", work.samples},
                               {"rows", rows},
                               {"bytes_per_row", bytes}});
    }
  } catch (const DeviceError& error) {
    json.erase("works");
    json.erase("memory_bytes");
    json["why"] = error.what();
  }
  return json;
}

}  // namespace

void check_batch(const BatchQuestion& question) {
  if (question.n_fft < 1) throw UserError("[doctor] --n-fft must be 1 or more");
  if (question.segments < 1) throw UserError("[doctor] --segments must be 1 or more");
  if (static_cast<double>(question.n_fft) * static_cast<double>(question.segments) > kMostSamples) {
    throw UserError(
        "[doctor] such a row is longer than any memory; give a smaller --n-fft or "
        "--segments");
  }
  works_of(question);
}

base::Json batch_report(const BatchQuestion& question, const std::vector<std::string>& gpus) {
  base::Json json = base::Json::object();
  json["n_fft"] = question.n_fft;
  json["segments"] = question.segments;
  json["k"] = question.k;
  json["devices"] = base::Json::array();
  const std::vector<Work> works = works_of(question);
  json["devices"].push_back(device_batches(works, "cpu"));
  for (const std::string& gpu : gpus) json["devices"].push_back(device_batches(works, gpu));
  return json;
}

std::vector<std::pair<std::string, std::string>> batch_rows(const base::Json& report) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const base::Json& device : report.at("devices")) {
    std::string text;
    if (device.contains("why")) {
      text = device.at("why").get<std::string>();
    } else {
      for (const base::Json& work : device.at("works")) {
        text += (text.empty() ? "" : ", ") + work.at("work").get<std::string>() + " " +
                std::to_string(work.at("rows").get<std::int64_t>()) + " of " +
                std::to_string(work.at("samples").get<std::int64_t>());
      }
      text += " samples, in " + base::size_text(device.at("memory_bytes").get<std::int64_t>());
    }
    rows.emplace_back("most rows " + device.at("device").get<std::string>(), text);
  }
  return rows;
}

}  // namespace papilio::app
