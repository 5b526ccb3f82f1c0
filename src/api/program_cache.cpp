// The cache behind prepare(): a handful of entries, compared whole.
#include "api/program_cache.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <optional>

#include "runtime/compile.h"

namespace papilio::api {
namespace {

constexpr std::size_t kKept = 8;
// Longer transforms have tables that are not worth keeping for a call that may never come.
constexpr std::int64_t kLongestTransform = 1 << 16;

/// Everything that a program depends on.
struct Key {
  Definition definition;
  std::shared_ptr<const spectral::LearnedTransform> learned;
  std::int64_t samples;
  bool complex;
  DType compute;
  std::string device;
  std::int64_t max_memory;
  std::optional<kernels::Isa> isa;
  bool operator==(const Key&) const = default;
};

Key key_of(const FeatureSpec& spec, std::int64_t samples) {
  // Most definitions fit rows of any length alike, once they hold a segment.
  const std::int64_t enough = samples_to_fit(spec.definition);
  if (enough >= 0 && samples > enough) samples = enough;
  const Execution& execution = spec.execution;
  Key key{spec.definition,  spec.learned,         samples,     spec.complex, spec.compute,
          execution.device, execution.max_memory, std::nullopt};
  const bool has_isa = key.device == "auto" || key.device == "cpu" || key.device == "null";
  if (has_isa) key.isa = runtime::default_isa();
  return key;
}

class Cache {
 public:
  std::shared_ptr<const Prepared> find(const Key& key) {
    const std::scoped_lock lock(mutex_);
    const auto found = at(key);
    if (found == entries_.end()) return nullptr;
    std::rotate(entries_.begin(), found, found + 1);  // the last one used comes first
    return entries_.front().prepared;
  }

  void keep(Key key, std::shared_ptr<const Prepared> prepared) {
    Entry dropped;  // dies after the lock is given back
    const std::scoped_lock lock(mutex_);
    if (at(key) != entries_.end()) return;  // another thread was faster
    entries_.push_front({std::move(key), std::move(prepared)});
    if (entries_.size() <= kKept) return;
    dropped = std::move(entries_.back());
    entries_.pop_back();
  }

 private:
  struct Entry {
    Key key;
    std::shared_ptr<const Prepared> prepared;
  };

  std::deque<Entry>::iterator at(const Key& key) {
    return std::find_if(entries_.begin(), entries_.end(),
                        [&](const Entry& entry) { return entry.key == key; });
  }

  std::mutex mutex_;
  std::deque<Entry> entries_;
};

/// Never destroyed: calls may come while the process ends.
Cache& cache() {
  static Cache& instance = *new Cache;
  return instance;
}

}  // namespace

std::shared_ptr<const Prepared> prepare(const FeatureSpec& spec, std::int64_t samples) {
  const Key key = key_of(spec, samples);
  if (auto found = cache().find(key)) return found;
  const Execution& execution = spec.execution;
  auto prepared = std::make_shared<Prepared>();
  prepared->fitted =
      fit(spec.definition, samples, spec.complex, spec.compute, execution, spec.learned.get());
  prepared->program = runtime::compile(prepared->fitted.graph, {execution.device, key.isa});
  if (prepared->fitted.transform <= kLongestTransform) cache().keep(key, prepared);
  return prepared;
}

}  // namespace papilio::api
