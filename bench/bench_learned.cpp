// Learned butterflies against Papilio's exact FFT, and a step of training against its forward pass.
#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "fft_work.h"
#include "options.h"
#include "papilio/error.h"
#include "papilio/network.h"
#include "train/data.h"
#include "train/objective.h"
#include "train/optimiser.h"
#include "train/task.h"
#include "transform/inits.h"

namespace papilio::bench {
namespace {

using ComplexRows = View<const std::complex<float>>;

constexpr std::int64_t kElements = std::int64_t{1} << 18;  // of a batch, unless it is given
constexpr double kTolerance = 1e-6, kGradientTolerance = 4e-6;

/// The network of radix 2 that training starts from, its twiddles near the exact ones.
transform::Network perturbed_network(std::int64_t n) {
  transform::NetworkSpec spec;
  spec.layout = transform::default_layout(n);
  return transform::perturbed(transform::exact_dft(spec), 0.3, 1);
}

/// All rows through a network whose numbers are the exact ones, so that results can be judged; no
/// kernel knows.
Contender learned_rows(FftProblem& problem, const Run& way) {
  const auto prepare = [&problem, way]() -> std::function<void()> {
    const ScopedIsa isa(way.isa);
    const auto network = std::make_shared<Network<float>>(NetworkOptions{problem.n()});
    const auto scratch = std::make_shared<Scratch>();
    return [&problem, network, scratch] {
      const auto* in = reinterpret_cast<const std::complex<float>*>(problem.in());
      auto* out = reinterpret_cast<std::complex<float>*>(problem.out());
      network->forward(ComplexRows(in, problem.rows(), problem.n()),
                       View<std::complex<float>>(out, problem.rows(), problem.n()), *scratch);
    };
  };
  return {"papilio", way.variant, kTolerance, prepare};
}

Contender exact_rows(FftProblem& problem, const Run& way) {
  Contender contender = papilio_fft(problem, way);
  contender.name = "exact";
  return contender;
}

train::Batch rows_of(std::int64_t n, std::int64_t batch, std::uint64_t seed) {
  return train::draw({}, train::Split::training, seed, 0, batch, n, false);
}

/// One batch of pairs; the first step's gradient and the network's outputs in double.
class StepProblem final : public Problem {
 public:
  enum class Judged { gradient, outputs };

  StepProblem(std::int64_t n, std::int64_t batch)
      : Problem({"train_step", n, batch, 0, 0, 0.0, 0.0}),
        model_{n, {perturbed_network(n)}},
        rows_(rows_of(n, batch, 1)),
        outputs_(rows_.inputs.size()) {
    rows_.targets = rows_of(n, batch, 2).inputs;
    train::ObjectiveOptions exactly;
    exactly.dtype = DType::f64;
    exactly.device = "reference";
    train::Objective objective(task(), {}, exactly);
    want_gradient_.resize(objective.size());
    gradient_.resize(objective.size());
    objective.evaluate(start(), rows_, want_gradient_);
    for (std::size_t row = 0; row < rows_.inputs.size(); row += static_cast<std::size_t>(n)) {
      const std::span<const std::complex<double>> x(&rows_.inputs[row],
                                                    static_cast<std::size_t>(n));
      const auto y = transform::apply_chain(model_, x);
      want_outputs_.insert(want_outputs_.end(), y.begin(), y.end());
    }
  }

  const transform::Chain& model() const { return model_; }
  const train::Batch& rows() const { return rows_; }
  train::Task task() const { return {model_, {}, train::pair_data(rows_)}; }
  std::vector<double> start() const { return train::flatten(transform::get_parameters(model_)); }
  std::span<double> gradient() { return gradient_; }
  std::span<std::complex<float>> outputs() { return outputs_; }
  /// What the contender at work writes.
  void judge(Judged judged) { judged_ = judged; }

  void spoil() override {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    std::fill(gradient_.begin(), gradient_.end(), nan);
    std::fill(outputs_.begin(), outputs_.end(), std::complex<float>(static_cast<float>(nan)));
  }
  double error() const override {
    return judged_ == Judged::gradient ? distance(gradient_, want_gradient_)
                                       : distance(outputs_, want_outputs_);
  }

 private:
  template <typename A, typename B>
  static double distance(const std::vector<A>& got, const std::vector<B>& want) {
    double difference = 0.0, size = 0.0;
    for (std::size_t i = 0; i < want.size(); ++i) {
      difference += std::norm(B(got[i]) - want[i]);
      size += std::norm(want[i]);
    }
    return std::sqrt(difference / size);
  }

  transform::Chain model_;
  train::Batch rows_;
  std::vector<double> gradient_, want_gradient_;
  std::vector<std::complex<float>> outputs_;
  std::vector<std::complex<double>> want_outputs_;
  Judged judged_ = Judged::gradient;
};

/// Forward, loss, backward, Adam.
Contender step(StepProblem& problem, const Run& way) {
  const auto prepare = [&problem, way]() -> std::function<void()> {
    const ScopedIsa isa(way.isa);
    train::ObjectiveOptions options;
    options.threads = way.threads;
    const auto objective =
        std::make_shared<train::Objective>(problem.task(), train::Power{}, options);
    const auto batch = std::make_shared<train::PreparedBatch>(objective->prepare(problem.rows()));
    const auto values = std::make_shared<std::vector<double>>(problem.start());
    const std::shared_ptr<train::Optimiser> adam = train::make_optimiser("adam", values->size());
    problem.judge(StepProblem::Judged::gradient);
    return [&problem, objective, batch, values, adam] {
      objective->evaluate(*values, *batch, problem.gradient());
      adam->step(*values, problem.gradient(), 1e-6, {});
    };
  };
  return {"papilio", way.variant, kGradientTolerance, prepare};
}

/// The network's numbers as the public class takes them: all twiddles, stage after stage.
std::vector<std::complex<float>> twiddles_of(const transform::Chain& model) {
  std::vector<std::complex<float>> twiddles;
  for (const transform::Parameter& tensor : transform::get_parameters(model)) {
    if (!tensor.complex) continue;
    for (std::size_t i = 0; i < tensor.values.size(); i += 2) {
      twiddles.emplace_back(static_cast<float>(tensor.values[i]),
                            static_cast<float>(tensor.values[i + 1]));
    }
  }
  return twiddles;
}

Contender forward_alone(StepProblem& problem) {
  const auto prepare = [&problem]() -> std::function<void()> {
    const std::int64_t n = problem.cell().n, rows = problem.cell().batch;
    const auto network = std::make_shared<Network<float>>(NetworkOptions{n});
    network->set_parameters(twiddles_of(problem.model()));
    const auto scratch = std::make_shared<Scratch>();
    const auto x = std::make_shared<std::vector<std::complex<float>>>(problem.rows().inputs.begin(),
                                                                      problem.rows().inputs.end());
    problem.judge(StepProblem::Judged::outputs);
    return [&problem, network, scratch, x, n, rows] {
      network->forward(ComplexRows(x->data(), rows, n),
                       View<std::complex<float>>(problem.outputs().data(), rows, n), *scratch);
    };
  };
  return {"forward", "", kTolerance, prepare};
}

std::vector<Outcome> forward_cell(const Settings& settings, std::int64_t n, std::int64_t batch) {
  FftProblem problem("learned_forward", n, batch);
  std::vector<Contender> contenders;
  for (const Run& way : runs_of(settings)) {
    contenders.push_back(learned_rows(problem, way));
    contenders.push_back(exact_rows(problem, way));
  }
  keep_wanted(settings, contenders);
  return race(problem, contenders, settings.race);
}

std::vector<Outcome> step_cell(const Settings& settings, std::int64_t n, std::int64_t batch) {
  StepProblem problem(n, batch);
  std::vector<Contender> contenders{forward_alone(problem)};
  for (const Run& way : runs_of(settings)) contenders.push_back(step(problem, way));
  keep_wanted(settings, contenders);
  return race(problem, contenders, settings.race);
}

using CellBench = std::vector<Outcome> (*)(const Settings&, std::int64_t n, std::int64_t batch);

/// A work over its grid; a cell that fails loses only itself.
struct Work {
  const char* name;
  CellBench cell;
  std::vector<std::int64_t> n_fft;
  std::int64_t batch;  ///< 0: kElements / n
};

std::vector<Outcome> run(const Command& command, const Told& told) {
  const Settings& settings = command.settings;
  const std::vector<Work> works{
      {"learned_forward", forward_cell, {64, 128, 256, 512, 1024, 2048, 4096}, 0},
      {"train_step", step_cell, {256}, 256}};
  check_works(settings, {works[0].name, works[1].name});
  std::vector<Outcome> outcomes;
  for (const Work& work : works) {
    if (!wanted(settings, work.name)) continue;
    for (const std::int64_t n : settings.n_fft.empty() ? work.n_fft : settings.n_fft) {
      const std::vector<std::int64_t> usual{
          work.batch > 0 ? work.batch : std::max<std::int64_t>(1, kElements / n)};
      for (const std::int64_t batch : settings.batch.empty() ? usual : settings.batch) {
        std::vector<Outcome> cell;
        try {
          cell = work.cell(settings, n, batch);
        } catch (const std::exception& error) {
          cell = {failed_cell({work.name, n, batch, 0, 0, 0.0, 0.0}, error.what())};
        }
        if (told) told(cell);
        outcomes.insert(outcomes.end(), cell.begin(), cell.end());
      }
    }
  }
  return outcomes;
}

}  // namespace
}  // namespace papilio::bench

int main(int argc, char** argv) {
  return papilio::bench::bench_main("bench_learned", argc, argv, papilio::bench::run);
}
