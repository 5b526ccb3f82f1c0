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

/// Points of the one transform, or convolution, behind a node.
std::int64_t points_of(const ir::Node& node) {
  const std::int64_t n = node.as<ir::FftAttrs>().n;
  if (is_real(node.op) && has_half_size(n)) return n / 2;
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

bool is_long(const ir::Node& node, std::int64_t longest) {
  const bool transform = node.op == OpKind::Rfft || node.op == OpKind::Irfft ||
                         node.op == OpKind::Fft || node.op == OpKind::Ifft;
  return transform && points_of(node) > longest;
}

LongTransform long_transform(Assembly& a, const ir::Node& node) {
  const auto& attrs = node.as<ir::FftAttrs>();
  const std::int64_t n = attrs.n;
  const std::string name = "long" + number(n);
  LongTransform plan;
  if (node.op == OpKind::Rfft && has_half_size(n)) {
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
    // Every point gives one result, which need not wait for the others.
    if (!plan.convolves && item_length(node.type) == n) {
      const std::string z = backwards ? "swapped(z)" : "z";
      plan.result = node.op == OpKind::Irfft ? "real_part(" + z + ")" : z;
    }
  }
  if (plan.points > kMostPoints) {
    throw UserError("[cuda] a transform of " + number(n) +
                    " points is longer than this device takes (2^26); use --device cpu");
  }
  for (std::string* text : {&plan.read, &plan.result}) {
    if (attrs.scale != 1.0 && !text->empty()) *text += " * " + literal(attrs.scale);
  }
  return plan;
}

PointSource stored_points(int from, std::int64_t points) {
  const auto open = [=](Kernel& k) {
    k.point_at("from", "const Cx<R>", from, points);
    return std::string("from[i]");
  };
  return {open, nullptr};
}

PointSource convolved_points(int from, std::int64_t points, std::size_t spectrum) {
  const auto open = [=, plain = stored_points(from, points)](Kernel& k) {
    const std::string table = k.table("spectrum", "Cx<R>", spectrum);
    return "swapped(" + plain.open(k) + " * read_only(" + table + " + i))";
  };
  return {open, nullptr};
}

PointSink stored_results(int to, std::int64_t points) {
  const auto open = [=](Kernel& k) { k.point_at("to", "Cx<R>", to, points); };
  const auto put = [](Text& text, const std::string& i) {
    text.line("if (active) to[" + i + "] = z;");
  };
  return {open, put, nullptr};
}

void add_four_step(Assembly& a, const std::string& name, Items items, std::int64_t points,
                   const PointSource& source, int between, const PointSink& sink) {
  const std::int64_t rows = near_root(points);
  const std::int64_t columns = points / rows;
  {
    Kernel k(a, name + "columns", items, rows, columns);
    k.declare_complex("F", rows);
    k.point_at("to", "Cx<R>", between, points);
    const RootTables roots = root_tables(a, points);
    k.table("coarse", "Cx<R>", roots.coarse);
    k.table("fine", "Cx<R>", roots.fine);
    const std::string point = source.open(k);
    k.body.open("const auto column = [&](int j) {");
    k.body.line("const int i = j * " + number(columns) + " + part;");
    k.body.line("return " + point + ";");
    k.body.close("};");
    k.transform("F", "column",
                [&](Text& text, const std::string&, const std::string&, const std::string&) {
                  text.line("if (active) to[i * " + number(columns) + " + part] = z * root_of<" +
                            number(roots.shift) + ">(coarse, fine, part * i);");
                });
    if (source.close) source.close(k);
    k.finish();
  }
  Kernel k(a, name + "rows", items, columns, rows);
  k.declare_complex("F", columns);
  sink.open(k);
  k.body.line("stage_rows<F::At, " + number(columns) +
              ">(team, reinterpret_cast<const Cx<R>*>(p.stored[" + number(between) +
              "]), base, items, shared, kTeamBytes);");
  k.body.line("const auto row_point = in_work([&](int i) { return work[F::At::of(i)]; });");
  k.transform("F", "row_point",
              [&](Text& text, const std::string&, const std::string&, const std::string&) {
                sink.put(text, "part + " + number(rows) + " * i");
              });
  if (sink.close) sink.close(k);
  k.finish();
}

}  // namespace papilio::codegen
