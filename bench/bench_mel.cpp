// Whisper's log-mel of a clip of 30 s; its peers are Python packages (bench/peers).
#include "feature_work.h"
#include "options.h"

namespace papilio::bench {
namespace {

std::vector<Outcome> run(const Command& command, const Told& told) {
  return bench_features("mel", command.settings, {}, told);
}

}  // namespace
}  // namespace papilio::bench

int main(int argc, char** argv) {
  return papilio::bench::bench_main("bench_mel", argc, argv, papilio::bench::run);
}
