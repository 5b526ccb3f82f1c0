// Nodes to text.
#include "codegen/kernel.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "codegen/bands.h"
#include "codegen/butterfly_text.h"
#include "codegen/fft_shape.h"
#include "codegen/long_transform.h"
#include "codegen/transform_text.h"
#include "ir/print.h"
#include "papilio/error.h"

namespace papilio::codegen {
namespace {

using ir::Node;
using ir::NodeId;
using ir::OpKind;

bool is_block(const Node& node) { return is_transform(node) || node.op == OpKind::Filterbank; }

/// What a chain may hold behind its block.
bool follows_element(const Assembly& a, const Node& node) {
  switch (node.op) {
    case OpKind::Mul:
    case OpKind::Add:
      return a.graph.node(node.inputs[1]).op == OpKind::Const || a.shared.contains(node.inputs[1]);
    case OpKind::Affine:
    case OpKind::Power:
    case OpKind::Magnitude:
    case OpKind::Log:
    case OpKind::Conj:
    case OpKind::Real:
    case OpKind::Slice:
      return true;
    default:
      return false;
  }
}

/// Whether a sample that is not finite leaves none of its results' elements finite that depend on
/// it, and none of its input's elements is left out.
bool keeps_bad(const Node& node) {
  return node.op == OpKind::Mul || node.op == OpKind::Add || node.op == OpKind::Affine ||
         node.op == OpKind::Detrend || node.op == OpKind::Pad || node.op == OpKind::Preemphasis;
}

}  // namespace

Kernel::Kernel(Assembly& assembly, std::string name, Items items, NodeSet nodes, std::int64_t parts)
    : a_(assembly), name_(std::move(name)), items_(items), parts_(parts) {
  if (parts == 1) {
    choose_team(nodes);
  } else {
    set_team(256);
  }
}

bool Kernel::meets(const Node& node) {
  return is_block(node) || is_top(node) || node.op == OpKind::Detrend ||
         node.op == OpKind::ClampRange;
}

void Kernel::open_each(std::int64_t length, const std::string& index) {
  const std::string part = parts_ == 1 ? "" : "_of(part, " + number(parts_) + ", ";
  body.open("team.each" + (parts_ == 1 ? std::string("(") : part) + number(length) + ", [&](int " +
            index + ") {");
}

Kernel::Kernel(Assembly& assembly, std::string name, Items items, std::int64_t n,
               std::int64_t parts)
    : a_(assembly), name_(std::move(name)), items_(items), parts_(parts) {
  const FftShape shape = transform_shape(n, false);
  threads_ = shape.threads;
  resident_ = shape.resident;
  woven_ = true;
}

void Kernel::set_team(std::int64_t threads) {
  constexpr int kWarps = 4;
  threads_ = static_cast<int>(threads);
  teams_ = threads_ > 32 ? 1 : kWarps * (32 / threads_);
}

void Kernel::choose_team(NodeSet nodes) {
  std::int64_t threads = 0;
  std::int64_t length = 1;
  for (const NodeId id : nodes) {
    const Node& node = a_.graph.node(id);
    if (!is_source(node)) length = std::max(length, item_length(node.type));
    if (is_network(node)) {
      const auto& attrs = node.as<ir::ButterflyAttrs>();
      const ButterflyShape shape = butterfly_shape(attrs, a_.real_bytes(), a_.gradients);
      threads = std::max<std::int64_t>(threads, shape.threads);
      continue;
    }
    const bool pairs = node.op == OpKind::PairedMeanPower;
    if ((!is_transform(node) || is_long(node, a_.longest())) && !pairs) continue;
    const auto n = node.as<ir::FftAttrs>().n;
    const FftShape shape = transform_shape(n, is_real(node.op) && !pairs);
    threads = std::max<std::int64_t>(threads, shape.threads);
    resident_ = resident_ == 0 ? shape.resident : std::min(resident_, shape.resident);
  }
  const bool searches =
      std::any_of(nodes.begin(), nodes.end(), [&](NodeId id) { return is_top(a_.graph.node(id)); });
  if (searches || !a_.single()) resident_ = searches && a_.single() ? 640 : 0;
  if (items_ == Items::once) threads = 1024;
  if (threads == 0) threads = length <= 128 ? 16 : length <= 1024 ? 128 : 256;
  set_team(threads);
}

std::string Kernel::table(const std::string& name, const std::string& kind, std::size_t offset) {
  if (declared_.insert(name).second) {
    head_.line("const " + kind + "* const " + name + " = reinterpret_cast<const " + kind +
               "*>(p.tables + " + std::to_string(offset) + ");");
  }
  return name;
}

std::string Kernel::index_kind(NodeId id) const { return twins_.contains(id) ? "auto" : "int"; }

bool Kernel::shows_in_results(NodeId id, NodeSet nodes) const {
  bool shows = false;
  for (const NodeId reader : nodes) {
    const Node& node = a_.graph.node(reader);
    if (std::find(node.inputs.begin(), node.inputs.end(), id) == node.inputs.end()) continue;
    const bool spectrum = node.op == OpKind::PairedMeanPower || node.op == OpKind::Rfft ||
                          node.op == OpKind::Fft || node.op == OpKind::Ifft;
    const bool transformed = spectrum && !is_long(node, a_.longest());
    if (!transformed && !(keeps_bad(node) && shows_in_results(reader, nodes))) return false;
    shows = true;
  }
  return shows;
}

void Kernel::ask_for(int port, const std::string& bytes) {
  if (items_ == Items::rows && parts_ == 1) asked_[port] = bytes;
}

void Kernel::watch(NodeSet nodes) {
  watched_ = Watched::results;
  for (const NodeId id : nodes) {
    const Node& node = a_.graph.node(id);
    const bool samples =
        node.op == OpKind::Frame || (node.op == OpKind::Input && items_ == Items::rows);
    if (samples && !shows_in_results(id, nodes)) watched_ = Watched::samples;
  }
  body.line("Watch<R> watch;");
}

std::string Kernel::kind_of(NodeId id, bool pair) const {
  return pair || a_.graph.node(id).type.complex() ? "Cx<R>" : "R";
}

void Kernel::point_at(const std::string& name, const std::string& kind, int stored,
                      std::int64_t length) {
  body.line(kind + "* const " + name + " = reinterpret_cast<" + kind + "*>(p.stored[" +
            number(stored) + "]) + item * " + number(length) + "LL;");
}

std::string Kernel::share(const std::string& name, const std::string& kind, std::int64_t length) {
  const bool wide = kind == "double" || kind == "Cx<double>";
  const std::size_t real = kind == "unsigned char" ? 1 : wide ? sizeof(double) : a_.real_bytes();
  const std::size_t element = kind.starts_with("Cx") ? 2 * real : real;
  if (declared_.insert(name).second) {
    const std::size_t bytes = (element * static_cast<std::size_t>(length) + 15) / 16 * 16;
    std::string at;
    if (bytes <= free_work_) {
      at = std::to_string(work_bytes_ - free_work_);
      free_work_ -= bytes;
    } else {
      at = "kWork + " + std::to_string(array_bytes_);
      array_bytes_ += bytes;
    }
    head_.line(kind + "* const " + name + " = reinterpret_cast<" + kind + "*>(mine + " + at + ");");
  }
  return name;
}

void Kernel::free_work() { free_work_ = work_bytes_ = (work_bytes_ + 15) / 16 * 16; }

std::string Kernel::keep(NodeId id) {
  const auto most = static_cast<std::size_t>(
      std::min(std::int64_t{96} * 1024, a_.signature.shared_per_block * 3 / 7));
  const std::string kind = kind_of(id);
  const std::int64_t length = item_length(a_.graph.node(id).type);
  if (static_cast<std::size_t>(length) * a_.real_bytes() > most) return value_name(id) + "(i)";
  if (!kept_.insert(id).second) return "s" + number(id) + "[i]";
  const std::string array = share("s" + number(id), kind, length);
  body.line("team.each(" + number(length) + ", [&](int i) { " + array + "[i] = " + value_name(id) +
            "(i); });");
  body.line("team.sync();");
  return array + "[i]";
}

void Kernel::emit(NodeSet nodes, NodeSet ends, bool pair, const Take& take) {
  std::set<NodeId> done;
  for (const NodeId id : nodes) {
    const Node& node = a_.graph.node(id);
    if (done.contains(id) || is_top(node)) continue;
    if (a_.shared.contains(id)) {
      emit_shared(id);
    } else if (a_.gathered.contains(id)) {
      continue;
    } else if (a_.stored.contains(id) && (!ends.contains(id) || a_.long_reads.contains(id))) {
      emit_stored(id);
    } else if (is_source(node)) {
      emit_source(id, pair);
    } else if (is_block(node)) {
      const Chain chain = chain_of(id, nodes, ends);
      emit_operands(chain, nodes, done);
      done.insert(chain.nodes.begin(), chain.nodes.end());
      Put put = ends.contains(chain.end()) ? take(chain) : nullptr;
      const bool to_shared = !put;
      const std::string array = "s" + number(chain.end());
      if (to_shared) {
        share(array, kind_of(chain.end(), pair), item_length(a_.graph.node(chain.end()).type));
        put = [array](Text& text, const std::string&, const std::string& i, const std::string& x) {
          text.line(array + "[" + i + "] = " + x + ";");
        };
      }
      emit_block(chain, pair, put);
      if (!to_shared) continue;
      body.line("team.sync();");
      body.line("const auto " + value_name(chain.end()) + " = [&](int i) { return " + array +
                "[i]; };");
      kept_.insert(chain.end());
    } else {
      emit_function(id, pair);
    }
  }
}

void Kernel::emit_operands(const Chain& chain, NodeSet nodes, std::set<NodeId>& done) {
  for (const NodeId link : chain.nodes) {
    for (const NodeId input : a_.graph.node(link).inputs) {
      const bool shared = a_.shared.contains(input);
      const bool constant = a_.graph.node(input).op == OpKind::Const;
      const bool later = input > chain.nodes.front() && nodes.contains(input);
      if (!later || !(shared || constant) || !done.insert(input).second) continue;
      if (shared) {
        emit_shared(input);
      } else {
        emit_constant(input);
      }
    }
  }
}

Chain Kernel::chain_of(NodeId id, NodeSet nodes, NodeSet ends) const {
  Chain chain{{id}};
  while (!ends.contains(chain.end())) {
    NodeId next = -1;
    int readers = 0;
    for (const NodeId reader : nodes) {
      const auto& inputs = a_.graph.node(reader).inputs;
      if (std::find(inputs.begin(), inputs.end(), chain.end()) == inputs.end()) continue;
      ++readers;
      next = reader;
    }
    if (readers != 1 || !follows_element(a_, a_.graph.node(next))) break;
    chain.nodes.push_back(next);
  }
  return chain;
}

Kernel::Block Kernel::fit_block() {
  // Teams of one warp start in different banks of shared memory.
  Block block{(work_bytes_ + 15) / 16 * 16 + array_bytes_};
  const std::size_t step = 2 * a_.real_bytes() * static_cast<std::size_t>(threads_) % 128;
  if (teams_ > 1 && step % 16 == 0) {
    while (block.team_bytes % 128 != step) block.team_bytes += 16;
  }
  const auto most = static_cast<std::size_t>(a_.signature.shared_per_block);
  const bool in_warp = threads_ <= 32;
  const int per_warp = in_warp ? 32 / threads_ : 1;
  while (teams_ > 1 && block.team_bytes * static_cast<std::size_t>(teams_) > most / 2) {
    teams_ -= teams_ > per_warp ? per_warp : 1;
  }
  block.threads = in_warp ? (teams_ + per_warp - 1) / per_warp * 32 : (threads_ + 31) / 32 * 32;
  block.scratch = in_warp ? 0 : static_cast<std::size_t>(16 * block.threads);
  block.bytes = block.scratch + block.team_bytes * static_cast<std::size_t>(teams_);
  return block;
}

Kernel::Block Kernel::fit_woven() {
  constexpr int kMostTeams = 8;  // 64 bytes side by side in single
  constexpr int kMostThreads = 512;
  const auto most = static_cast<std::size_t>(a_.signature.shared_per_block);
  const std::size_t own_bytes = (work_bytes_ + 15) / 16 * 16 + array_bytes_;
  teams_ = kMostTeams;
  for (;; teams_ /= 2) {
    // Neighbouring threads of neighbouring teams meet different banks.
    Block block{own_bytes};
    const std::size_t step = 128 / static_cast<std::size_t>(teams_) % 128;
    while (block.team_bytes % 128 != step) block.team_bytes += 16;
    block.threads = (threads_ * teams_ + 31) / 32 * 32;
    block.bytes = block.team_bytes * static_cast<std::size_t>(teams_);
    if (teams_ == 1 || (block.bytes <= most && block.threads <= kMostThreads)) return block;
  }
}

void Kernel::finish() {
  const Block block = woven_ ? fit_woven() : fit_block();
  const auto most = static_cast<std::size_t>(a_.signature.shared_per_block);
  if (block.bytes > most) {
    throw DeviceError("[cuda] " + name_ + " needs " + std::to_string(block.bytes) +
                      " bytes of shared memory, a block of this device has " +
                      std::to_string(most) + "; use --device cpu");
  }
  Text all;
  all.line("");
  const int blocks = std::max(1, resident_ / block.threads);
  all.open("extern \"C\" __global__ void __launch_bounds__(" + std::to_string(block.threads) +
           ", " + std::to_string(blocks) + ") " + name_ + "(const Params p) {");
  all.line(std::string("using R = ") + (a_.single() ? "float;" : "double;"));
  all.line("extern __shared__ __align__(16) char shared[];");
  for (const auto& [port, bytes] : asked_) {
    all.line("ask_for<" + number(teams_) + ">(p.in[" + number(port) + "], p.rows, " + bytes + ");");
  }
  all.line("follow();");
  all.line(std::string("const ") + (woven_ ? "Woven<" : "Team<") + std::to_string(threads_) + ", " +
           std::to_string(teams_) + "> whole(shared);");
  all.line("constexpr int kWork = " + std::to_string((work_bytes_ + 15) / 16 * 16) + ";");
  if (woven_) all.line("constexpr int kTeamBytes = " + std::to_string(block.team_bytes) + ";");
  all.line("char* const mine = shared + " + std::to_string(block.scratch) + " + whole.index * " +
           std::to_string(block.team_bytes) + ";");
  if (work_bytes_ > 0) all.line("Cx<R>* const work = reinterpret_cast<Cx<R>*>(mine);");
  all.lines(head_);
  const char* items = items_ == Items::rows     ? "p.rows"
                      : items_ == Items::frames ? "p.rows * p.frames"
                      : items_ == Items::groups ? "p.rows * groups"
                      : items_ == Items::slices ? "(p.rows + each - 1) / each"
                                                : "1";
  if (items_ == Items::slices) {
    all.line("const long long each = slice_rows(p.rows, " + number(a_.program.most_slices) + ");");
  }
  if (items_ == Items::groups) {
    all.line("const long long groups = (p.frames + " + number(kGroupFrames - 1) + ") / " +
             number(kGroupFrames) + ";");
  }
  const std::string parts = parts_ == 1 ? "" : " * " + number(parts_) + "LL";
  all.line(std::string("const long long items = ") + items + parts + ";");
  const std::string teams = std::to_string(teams_);
  all.open("for (long long base = (long long)blockIdx.x * " + teams +
           "; base < items; base += (long long)gridDim.x * " + teams + ") {");
  all.line("const auto team = whole.fresh();");
  const std::string active = items_ == Items::slices ? "own" : "active";
  all.line("const bool " + active + " = base + team.index < items;");
  const std::string mine = active + " ? base + team.index : items - 1";
  if (parts_ == 1) {
    all.line("const long long item = " + mine + ";");
  } else {
    all.line("const long long share = " + mine + ";");
    all.line("const long long item = share / " + number(parts_) + ";");
    all.line("const int part = int(share - item * " + number(parts_) + ");");
  }
  if (items_ == Items::rows) all.line("const long long row = item;");
  if (items_ == Items::frames) {
    all.line("const long long row = quotient(item, p.frames);");
    all.line("const long long frame = item - row * p.frames;");
  }
  if (items_ == Items::groups) {
    all.line("const long long row = quotient(item, groups);");
    all.line("const long long group = item - row * groups;");
  }
  all.lines(body);
  all.line("team.sync();");
  all.close();
  all.close();
  a_.source += all.str();
  a_.program.launches.push_back({name_, items_, parts_, teams_, block.threads, block.bytes, 1});
}

}  // namespace papilio::codegen
