// Points packed from rows, two kernels of many short transforms, results read back.
#include "codegen/long_transform.h"

#include <algorithm>
#include <cmath>
#include <complex>

#include "codegen/fft_shape.h"
#include "codegen/kernel.h"
#include "codegen/transform_text.h"
#include "kernels/fft_factors.h"
#include "kernels/fft_roots.h"
#include "papilio/error.h"

namespace papilio::codegen {
namespace {

using ir::OpKind;

constexpr std::int64_t kMostPoints = std::int64_t{1} << 26;

std::string number(std::int64_t value) { return std::to_string(value); }

bool halves(const ir::Node& node) {
  const std::int64_t n = node.as<ir::FftAttrs>().n;
  return node.op == OpKind::Rfft && n % 2 == 0 && kernels::is_five_smooth(n / 2);
}

/// Points of the one transform, or convolution, behind a node.
std::int64_t points_of(const ir::Node& node) {
  const std::int64_t n = node.as<ir::FftAttrs>().n;
  if (is_real(node.op) && n % 2 == 0 && kernels::is_five_smooth(n / 2)) return n / 2;
  return kernels::is_five_smooth(n) ? n : bluestein_size(n);
}

/// The factor of n nearest to its root.
std::int64_t near_root(std::int64_t n) {
  auto factor = static_cast<std::int64_t>(std::sqrt(static_cast<double>(n)));
  while (n % factor != 0) --factor;
  return factor;
}

struct RootTables {
  int shift = 0;
  std::size_t coarse = 0;
  std::size_t fine = 0;
};

RootTables root_tables(Assembly& a, std::int64_t n) {
  RootTables tables;
  while ((std::int64_t{1} << (2 * tables.shift)) < n) ++tables.shift;
  const std::int64_t step = std::int64_t{1} << tables.shift;
  std::vector<std::complex<double>> coarse;
  const kernels::Roots roots(n);
  for (std::int64_t e = 0; e < n; e += step) {
    const auto root = roots.at(e);
    coarse.emplace_back(static_cast<double>(root.real()), static_cast<double>(root.imag()));
  }
  tables.coarse = a.tables.add(coarse);
  tables.fine = a.tables.add(roots_of_unity(n, std::min(step, n)));
  return tables;
}

}  // namespace

bool is_long(const ir::Node& node, std::size_t real_bytes) {
  const bool transform = node.op == OpKind::Rfft || node.op == OpKind::Irfft ||
                         node.op == OpKind::Fft || node.op == OpKind::Ifft;
  return transform && points_of(node) > longest_fft(real_bytes);
}

LongTransform long_transform(Assembly& a, const ir::Node& node) {
  const auto& attrs = node.as<ir::FftAttrs>();
  const std::int64_t n = attrs.n;
  const std::string name = "long" + number(n);
  LongTransform plan;
  if (halves(node)) {
    plan.points = n / 2;
    plan.pack = "Cx<R>{x(2 * i), x(2 * i + 1)}";
    plan.read = "half_size_bin(g, half" + name + ", " + number(n / 2) + ", i)";
    plan.tables = {{"half" + name, a.tables.add(roots_of_unity(n, n / 2 + 1))}};
  } else {
    const bool backwards = node.op == OpKind::Irfft || node.op == OpKind::Ifft;
    const std::string from =
        node.op == OpKind::Irfft ? "hermitian(" + number(n) + ", x)(i)" : "as_complex(x(i))";
    plan.pack = backwards ? "swapped(" + from + ")" : from;
    plan.points = kernels::is_five_smooth(n) ? n : bluestein_size(n);
    std::string result = "g[i]";
    if (plan.points != n) {
      auto tables = bluestein_tables(n, plan.points);
      const auto middle = tables.begin() + n;
      plan.convolves = true;
      plan.spectrum = a.tables.add(std::vector<std::complex<double>>(middle, tables.end()));
      tables.erase(middle, tables.end());
      plan.tables = {{"chirp" + name, a.tables.add(tables)}};
      const std::string chirp = "read_only(chirp" + name + " + i)";
      plan.pack = "i < " + number(n) + " ? " + plan.pack + " * " + chirp + " : Cx<R>{}";
      result = "swapped(g[i]) * " + chirp;
    }
    plan.read = backwards ? "swapped(" + result + ")" : result;
    if (node.op == OpKind::Irfft) plan.read = "real_part(" + plan.read + ")";
  }
  if (plan.points > kMostPoints) {
    throw UserError("[cuda] a transform of " + number(n) +
                    " points is longer than this device takes (2^26); use --device cpu");
  }
  if (attrs.scale != 1.0) plan.read += " * " + literal(attrs.scale);
  return plan;
}

void add_four_step(Assembly& a, const std::string& name, Items items, std::int64_t points, int home,
                   int away, const std::size_t* spectrum) {
  const std::int64_t rows = near_root(points);
  const std::int64_t columns = points / rows;
  const RootTables roots = root_tables(a, points);
  const auto part = [&](const std::string& suffix, std::int64_t n, std::int64_t parts, int from,
                        int to, const std::string& get, const std::string& put) {
    Kernel k(a, name + suffix, items, n, parts);
    k.declare_complex("F", n);
    for (const auto& [table, offset] :
         LongTransform::Tables{{"coarse", roots.coarse},
                               {"fine", roots.fine},
                               {"spectrum", spectrum != nullptr ? *spectrum : 0}}) {
      k.table(table, "Cx<R>", offset);
    }
    const auto pointer = [&](const std::string& variable, const std::string& kind, int stored) {
      k.body.line(kind + "* const " + variable + " = reinterpret_cast<" + kind + "*>(p.stored[" +
                  std::to_string(stored) + "]) + item * " + number(points) + "LL;");
    };
    pointer("from", "const Cx<R>", from);
    pointer("to", "Cx<R>", to);
    k.body.line("const auto x = [&](int j) { return " + get + "; };");
    k.transform("F", "x",
                [&](Text& text, const std::string&, const std::string&, const std::string&) {
                  text.line("if (active) " + put);
                });
    k.finish();
  };
  const std::string point = "from[j * " + number(columns) + " + part]";
  const std::string multiplied =
      "swapped(" + point + " * read_only(spectrum + j * " + number(columns) + " + part))";
  part("columns", rows, columns, home, away, spectrum != nullptr ? multiplied : point,
       "to[i * " + number(columns) + " + part] = z * root_of<" + std::to_string(roots.shift) +
           ">(coarse, fine, part * i);");
  part("rows", columns, rows, away, home, "from[part * " + number(columns) + " + j]",
       "to[part + " + number(rows) + " * i] = z;");
}

}  // namespace papilio::codegen
