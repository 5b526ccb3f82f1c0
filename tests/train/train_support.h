/// Specs, chains and options that the tests of training share.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "train/trainer.h"
#include "transform/inits.h"

namespace papilio::train {

inline transform::NetworkSpec spec_of(std::int64_t n) {
  transform::NetworkSpec spec;
  spec.layout = transform::default_layout(n);
  return spec;
}

inline transform::Chain chain_of(transform::Network network) {
  const std::int64_t n = network.spec.n();
  return {n, {std::move(network)}};
}

/// A perturbed DFT of n points that is to become the exact one.
inline Task perturbed_dft(std::int64_t n, double sigma = 0.3) {
  const transform::Network exact = transform::exact_dft(spec_of(n));
  Task task;
  task.model = chain_of(transform::perturbed(exact, sigma, 5));
  task.target = chain_of(exact);
  return task;
}

/// The same with a decoder, perturbed too, and both terms.
inline Task perturbed_pair(std::int64_t n, double sigma = 0.3) {
  Task task = perturbed_dft(n, sigma);
  transform::NetworkSpec spec = spec_of(n);
  spec.direction = transform::Direction::inverse;
  task.decoder = chain_of(transform::perturbed(transform::exact_dft(spec), sigma, 6));
  task.loss = {1.0, 1.0};
  return task;
}

inline TrainOptions options_of(std::int64_t steps) {
  TrainOptions options;
  options.schedule.steps = steps;
  options.batch = 32;
  options.seed = 1;
  options.valid_seed = 2;
  options.goal = 0.0;
  return options;
}

inline std::vector<double> numbers_of(const transform::Chain& chain) {
  return flatten(transform::get_parameters(chain));
}

/// A folder that goes with the test.
class InFolder : public ::testing::Test {
 protected:
  InFolder() { std::filesystem::create_directories(folder_); }
  ~InFolder() override { std::filesystem::remove_all(folder_); }
  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  std::filesystem::path folder_ = std::filesystem::temp_directory_path() /
                                  (std::string("papilio_train_") +
                                   ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

}  // namespace papilio::train
