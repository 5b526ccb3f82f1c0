// The cache behind prepare(): a handful of entries, compared whole.
#include "api/prepared.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <tuple>

#include "runtime/compile.h"

namespace papilio::api {
namespace {

constexpr std::size_t kKept = 8;
// Longer transforms have tables that are not worth keeping for a call that may never come.
constexpr std::int64_t kLongestTransform = 1 << 16;

/// Everything that a program depends on.
struct Key {
  Definition definition;
  std::int64_t samples;
  bool complex;
  DType compute;
  std::string device;
  std::int64_t max_memory;
  kernels::Isa isa;
  bool operator==(const Key&) const = default;
};

struct Entry {
  Key key;
  std::shared_ptr<const Prepared> prepared;
};

class Cache {
 public:
  std::shared_ptr<const Prepared> find(const Key& key) {
    const std::scoped_lock lock(mutex_);
    const auto found = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const Entry& entry) { return entry.key == key; });
    if (found == entries_.end()) return nullptr;
    std::rotate(entries_.begin(), found, found + 1);  // the last one used comes first
    return entries_.front().prepared;
  }

  void keep(Key key, std::shared_ptr<const Prepared> prepared) {
    const std::scoped_lock lock(mutex_);
    entries_.push_front({std::move(key), std::move(prepared)});
    if (entries_.size() > kKept) entries_.pop_back();
  }

 private:
  std::mutex mutex_;
  std::deque<Entry> entries_;
};

Cache& cache() {
  static Cache instance;
  return instance;
}

}  // namespace

std::shared_ptr<const Prepared> prepare(const FeatureSpec& spec, std::int64_t samples) {
  const Execution& execution = spec.execution;
  const Key key{spec.definition,       samples,          spec.complex,
                spec.compute,          execution.device, execution.max_memory,
                runtime::default_isa()};
  if (auto found = cache().find(key)) return found;
  auto prepared = std::make_shared<Prepared>();
  prepared->fitted = fit(spec.definition, samples, spec.complex, spec.compute, execution);
  prepared->program = runtime::compile(prepared->fitted.graph, {execution.device, key.isa});
  if (prepared->fitted.transform <= kLongestTransform) cache().keep(key, prepared);
  return prepared;
}

}  // namespace papilio::api
