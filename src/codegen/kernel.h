/// One kernel in the making: its team, its shared memory and the nodes of the graph that it
/// computes. Every node becomes a function of an element's index; those that need all elements of
/// an item at once (transforms, filterbanks) are blocks that put their results somewhere.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "codegen/assembly.h"
#include "codegen/text.h"
#include "codegen/transform_text.h"

namespace papilio::codegen {

/// A block and the elementwise nodes behind it that nothing else reads: they are applied as the
/// block's results come.
struct Chain {
  std::vector<ir::NodeId> nodes;
  ir::NodeId end() const { return nodes.back(); }
};

/// What becomes of a result: lines of text, given its slot in the thread (or "" if blocks of that
/// kind have none), its index and its value.
using Put = std::function<void(Text&, const std::string& slot, const std::string& index,
                               const std::string& value)>;

/// Chooses where the results of a chain go that no other node of the kernel reads.
using Take = std::function<Put(const Chain&)>;

using NodeSet = const std::set<ir::NodeId>&;

class Kernel {
 public:
  /// For `nodes`. With more than one part every item's elements are spread over so many teams.
  Kernel(Assembly& assembly, std::string name, Items items, NodeSet nodes, std::int64_t parts = 1);

  /// For transforms of n complex points, of which every item has `parts`: neighbouring threads work
  /// on neighbouring ones (device/team.cuh, Woven).
  Kernel(Assembly& assembly, std::string name, Items items, std::int64_t n, std::int64_t parts);

  /// Takes teams of so many threads instead.
  void set_team(std::int64_t threads);

  /// Whether a node needs all elements of its input at once.
  static bool meets(const ir::Node& node);

  Text body;  ///< for one item; row, frame, group and active are known

  /// Declares `watch`, which tells whether a sample that is not finite has passed. Such a one makes
  /// all results of its transform so: one result of each thread is watched, where all samples go
  /// into transforms of these nodes, else the samples.
  void watch(NodeSet nodes);

  /// Emits `nodes` in order. Chains whose end is one of `ends` go where `take` says, all others to
  /// shared memory. In pairs re and im are two frames.
  void emit(NodeSet nodes, NodeSet ends, bool pair, const Take& take);
  /// Declares a plain complex transform of n points under the name of a type.
  std::string declare_complex(const std::string& type, std::int64_t n);
  /// Runs it over the function `input`.
  void transform(const std::string& type, const std::string& input, const Put& put);
  /// The transform whose chain ends in `end`, "" if there is none: the name of its type.
  std::string transform_before(NodeSet nodes, ir::NodeId end);
  /// Where result i of that transform's slots goes: as `put`, which gets no value.
  void place(NodeSet nodes, ir::NodeId end, const Put& put);
  /// A table of the program under the name of a pointer.
  std::string table(const std::string& name, const std::string& kind, std::size_t offset);
  /// Opens a loop over `length` elements of the item, or of this part of it.
  void open_each(std::int64_t length, const std::string& index);
  /// Declares a pointer to the item's `length` elements of a stored value.
  void point_at(const std::string& name, const std::string& kind, int stored, std::int64_t length);
  /// An array in the team's shared memory.
  std::string share(const std::string& name, const std::string& kind, std::int64_t length);
  /// The values of node `id`, which has been emitted, for many reads: the text of value `i`, from
  /// an array in shared memory unless that is too small.
  std::string keep(ir::NodeId id);
  /// No transform follows: arrays from now on take the memory that transforms worked in.
  void free_work();
  /// The first bytes of a team's first row are brought near before the kernel waits for the ones
  /// before it, if an item is a row.
  void ask_for(int port, const std::string& bytes);
  /// The type of a frame node in the kernel, and the row that it is cut from.
  std::string frame_type(ir::NodeId id) const;
  std::string port_of(ir::NodeId id) const;
  /// Whether frames with made-up samples are put together in shared memory first.
  bool stages(ir::NodeId id, bool pair) const;
  /// "R" or "Cx<R>".
  std::string kind_of(ir::NodeId id, bool pair = false) const;
  /// A table of integers under that name.
  std::string int_table(const std::string& name, const std::vector<std::int32_t>& values);
  /// Declares the butterfly of node `id`, or of its gradient: the name of its type.
  std::string declare_butterfly(ir::NodeId id);
  /// The operand of a butterfly as it reads it: its permutation comes first.
  std::string permuted_input(ir::NodeId id);
  /// The same for what reaches its results.
  std::string permuted_gradient(ir::NodeId id);
  /// The pointer to what lies `offset` bytes into the values that belong to no row.
  static std::string shared_address(const std::string& kind, std::size_t offset);
  /// Adds text and launch to the program.
  void finish();

 private:
  enum class Watched { nothing, samples, results };

  bool shows_in_results(ir::NodeId id, NodeSet nodes) const;
  /// What a chain reads beside its block: the graph may number it behind that.
  void emit_operands(const Chain& chain, NodeSet nodes, std::set<ir::NodeId>& done);
  void emit_source(ir::NodeId id, bool pair);
  /// A sample of that input or of its frames: a complex input may be given real rows.
  std::string widened(ir::NodeId id, const std::string& sample) const;
  void emit_constant(ir::NodeId id);
  void emit_frame(ir::NodeId id, bool pair);
  void emit_stored(ir::NodeId id);
  void emit_long(ir::NodeId id, const LongTransform& plan);
  void emit_shared(ir::NodeId id);
  void emit_sum(ir::NodeId id);
  void emit_team_sum(ir::NodeId id, std::int64_t length, const std::string& factor);
  void emit_spread(ir::NodeId id);
  void emit_scatter(ir::NodeId id);
  void emit_block(const Chain& chain, bool pair, const Put& put);
  TransformText text_of(ir::NodeId id) const;
  void declare(ir::NodeId id, const std::string& type, const TransformText& transform);
  /// Where element i goes or comes from, if a butterfly permutes its operands, or results; else "".
  std::string permutation(ir::NodeId id, bool of_results);
  std::string permuted_result(Text& text, ir::NodeId id);
  void emit_filterbank(ir::NodeId id, const Put& put);
  void emit_function(ir::NodeId id, bool pair);
  Put chained(const Chain& chain, bool pair, const Put& put) const;
  std::string element(ir::NodeId id, const std::string& x, const std::string& i, bool pair) const;
  Chain chain_of(ir::NodeId id, NodeSet nodes, NodeSet ends) const;
  Chain chain_to(NodeSet nodes, ir::NodeId end) const;
  void emit_clamp(ir::NodeId id);
  /// "auto" for a function that takes a Twin too.
  std::string index_kind(ir::NodeId id) const;
  void choose_team(NodeSet nodes);
  /// How much memory lies between teams, how many share a block, and its threads.
  struct Block {
    std::size_t team_bytes = 0;
    std::size_t scratch = 0;  ///< of teams larger than a warp
    int threads = 0;
    std::size_t bytes = 0;
  };
  Block fit_block();
  Block fit_woven();

  Assembly& a_;
  std::string name_;
  Items items_;
  std::int64_t parts_ = 1;
  int threads_ = 32;
  int teams_ = 1;
  bool woven_ = false;
  int resident_ = 0;  ///< threads that a multiprocessor is to hold; 0: as many as it may
  Watched watched_ = Watched::nothing;
  std::map<int, std::string> asked_;  ///< bytes that are asked for early, by the input
  Text head_;                         ///< declarations before the loop over items
  std::set<std::string> declared_;
  std::set<ir::NodeId> kept_;
  std::set<ir::NodeId> twins_;  ///< functions that take a Twin too
  std::size_t work_bytes_ = 0;
  std::size_t free_work_ = 0;
  std::size_t array_bytes_ = 0;
};

}  // namespace papilio::codegen
