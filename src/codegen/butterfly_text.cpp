// Stages to passes.
#include "codegen/butterfly_text.h"

#include <algorithm>
#include <numeric>

#include "codegen/fft_shape.h"
#include "ir/butterfly.h"

namespace papilio::codegen {
namespace {

/// Neighbouring stages [first, last) of the network, and the stride of the first one.
struct Group {
  int first = 0;
  int last = 0;
  std::int64_t stride = 1;
  std::int64_t size = 1;  ///< product of the radices
};

/// As few groups as products of at most `most` allow; a larger radix is a group of its own.
std::vector<Group> groups_of(const ir::ButterflyAttrs& attrs, std::int64_t most) {
  std::int64_t stride = 1;
  for (int s = 0; s < attrs.first; ++s) stride *= attrs.radices[static_cast<std::size_t>(s)];
  std::vector<Group> groups;
  for (int s = attrs.first; s < attrs.last; ++s) {
    const int radix = attrs.radices[static_cast<std::size_t>(s)];
    if (groups.empty() || groups.back().size * radix > most) groups.push_back({s, s, stride, 1});
    groups.back().last = s + 1;
    groups.back().size *= radix;
    stride *= radix;
  }
  return groups;
}

/// The same number of groups with the least largest product: registers follow the largest one.
std::vector<Group> even_groups(const ir::ButterflyAttrs& attrs, std::int64_t most) {
  std::vector<Group> best = groups_of(attrs, most);
  while (most > 2) {
    std::vector<Group> groups = groups_of(attrs, --most);
    if (groups.size() > best.size()) break;
    best = std::move(groups);
  }
  return best;
}

std::string flag(bool value) { return value ? "true" : "false"; }

std::string form_text(const ir::ButterflyAttrs& attrs) {
  if (attrs.block) return "Blocks<" + flag(attrs.transposed) + ">";
  return "Twiddles<" + flag(attrs.inverse) + ", " + flag(attrs.transposed) + ", " +
         flag(attrs.linear) + ">";
}

/// Appends the numbers of a pass to `order`, and its type to `type` in the order of application.
class PassWriter {
 public:
  PassWriter(const ir::ButterflyAttrs& attrs, ButterflyShape& shape) : a_(attrs), shape_(shape) {}

  std::string write(const Group& group) {
    const std::size_t before = shape_.order.size();
    std::string stages;
    std::int64_t stride = 1;
    std::int64_t first = 0;
    for (int s = group.first; s < group.last; ++s) {
      const std::int64_t radix = a_.radices[static_cast<std::size_t>(s)];
      const std::string stage = ", Stage<" + std::to_string(radix) + ", " + std::to_string(stride) +
                                ", " + std::to_string(first) + ">";
      stages = a_.transposed ? stage + stages : stages + stage;
      first += numbers(group, s, radix, stride);
      stride *= radix;
    }
    return ",\n    Pass<" + std::to_string(group.stride) + ", " + std::to_string(before) + stages +
           ">";
  }

 private:
  /// Of every block of a thread, in order, each number for all threads. Returns a thread's numbers.
  std::int64_t numbers(const Group& group, int s, std::int64_t radix, std::int64_t stride) {
    const std::int64_t count = a_.block ? radix * radix : radix - 1;
    const std::int64_t m = group.stride;
    for (std::int64_t u = 0; u < group.size / radix; ++u) {
      for (std::int64_t i = 0; i < count; ++i) {
        for (std::int64_t b = 0; b < shape_.n / group.size; ++b) {
          const std::int64_t outer = group.size / (radix * stride) * (b / m) + u / stride;
          const std::int64_t block = outer * m * stride + m * (u % stride) + b % m;
          shape_.order.push_back(static_cast<std::int32_t>(stored_ + block * count + i));
        }
      }
    }
    stored_ += ir::stage_parameters(a_, s);
    return group.size / radix * count;
  }

  const ir::ButterflyAttrs& a_;
  ButterflyShape& shape_;
  std::int64_t stored_ = 0;  ///< parameters of the stages before
};

}  // namespace

ButterflyShape butterfly_shape(const ir::ButterflyAttrs& attrs, std::size_t real_bytes,
                               bool gradient) {
  // Values in registers: those of all stages of a pass, on the way back.
  const std::int64_t most = (gradient ? 8 : 16) / (real_bytes == sizeof(float) ? 1 : 2);
  const std::vector<Group> groups = even_groups(attrs, most);
  ButterflyShape shape;
  shape.n = ir::butterfly_size(attrs);
  shape.passes = static_cast<int>(groups.size());
  std::int64_t largest = 1;
  std::string passes;
  PassWriter writer(attrs, shape);
  for (const Group& group : groups) {
    const std::string pass = writer.write(group);
    passes = attrs.transposed ? pass + passes : passes + pass;
    largest = std::max(largest, group.size);
  }
  constexpr std::int64_t kMostThreads = 512;
  shape.threads = team_size(std::min(kMostThreads, shape.n / largest));
  shape.type = "Butterfly<R, " + std::to_string(shape.n) + ", " + form_text(attrs) + passes + ">";
  return shape;
}

TransformText butterfly_text(const ButterflyShape& shape, const std::vector<double>& p) {
  TransformText text;
  text.type = shape.type;
  for (const std::int32_t i : shape.order) {
    if (p.empty()) break;
    const auto at = 2 * static_cast<std::size_t>(i);
    text.roots.emplace_back(p[at], p[at + 1]);
  }
  text.exchange = shape.passes > 1 ? exchange_size(shape.n, 16) : 1;
  text.results = text.keep = shape.n;
  return text;
}

}  // namespace papilio::codegen
